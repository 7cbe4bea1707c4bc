"""Leases: deliveries to handlers that leave the process, made one worker's alone until a time, with their intent committed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from shop.messaging.declaring import declare_staff
from shop.messaging.delivery.claim import Claimed
from shop.messaging.delivery.reading import read_all
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import Call, Outside
from shop.messaging.outgoing import Outgoing, UnitOfWork
from shop.messaging.routing import Route
from shop.messaging.sets import run

LEASE = """
    UPDATE messaging_delivery SET status = 'leased', lease = %s, leased_until = now() + make_interval(secs => %s),
           attempts = attempts + 1
    WHERE id = ANY(%s)
"""
# The fence: only what is still ours is done. A lease that ran out and was taken over shuts this worker's results out.
MARK_MINE = """
    UPDATE messaging_delivery SET status = 'done', done_at = statement_timestamp(), lease = NULL, leased_until = NULL
    WHERE id = ANY(%s::bigint[]) AND lease = %s RETURNING id, now(), statement_timestamp()
"""


@dataclass(frozen=True, slots=True)
class Leased:
    """Deliveries that are this worker's alone until the lease runs out, and the calls to make for them."""

    lease: UUID
    size: int
    calls: Sequence[Call[Any]]

    def numbered(self, route: Route, unit: UnitOfWork) -> Leased:
        """The same once ``unit`` has written it: the calls know their deliveries, which recording their answers needs."""
        known = [
            Call(replace(call.envelope, delivery_id=unit.numbers[call.envelope.id, route.name]), call.intent)
            for call in self.calls
        ]
        return Leased(self.lease, self.size, known)


def lease_said(route: Route, said: Sequence[Outgoing], envelopes: Sequence[Envelope[Any]]) -> Leased:
    """Prepare what the open unit of work is about to write to this subscriber: it is written as leased, or as done where there
    is no call to make. Raises what ``prepare`` does."""
    handler, lease = outside_handler(route), uuid4()
    declare_staff(envelopes)
    calls = handler.prepare(envelopes)
    calling = {call.envelope.id for call in calls}
    for item in said:
        if item.id in calling:
            item.leases[route.name] = (lease, float(handler.lease_seconds))
        else:
            item.delivered.add(route.name)
    return Leased(lease, len(said), calls)


def prepare(route: Route, claimed: Sequence[Claimed]) -> Leased:
    """Lease what was claimed and have its handler prepare the calls, inside the open unit of work."""
    handler, lease = outside_handler(route), uuid4()
    envelopes = read_all(route, claimed)
    calls: Sequence[Call[Any]] = ()
    if envelopes:
        run(LEASE, [lease, handler.lease_seconds, [envelope.delivery_id for envelope in envelopes]])
        declare_staff(envelopes)
        calls = handler.prepare(envelopes)
        _finish_those_without_call(envelopes, calls, lease)
    return Leased(lease, len(claimed), calls)


def _finish_those_without_call(envelopes: Sequence[Envelope[Any]], calls: Sequence[Call[Any]], lease: UUID) -> None:
    calling = {call.envelope.id for call in calls}
    settled = [envelope.delivery_id for envelope in envelopes if envelope.id not in calling]
    if settled:
        run(MARK_MINE, [settled, lease])


def outside_handler(route: Route) -> Outside[Any, Any]:
    """The handler of a route that leaves the process."""
    assert isinstance(route.handler, Outside)
    return route.handler
