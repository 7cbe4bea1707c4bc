"""Mail for handlers that leave the process: leased in one transaction, called in threads, recorded in a fenced one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from django.db import connections

from shop.messaging.crashpoints import crash_point
from shop.messaging.declaring import declare_staff
from shop.messaging.delivery.claim import Claimed, claim, claim_one
from shop.messaging.delivery.failure import failure_of, record_failure
from shop.messaging.delivery.fallback import holding, one_by_one_if_it_fails
from shop.messaging.delivery.leasing import MARK_MINE, Leased, outside_handler, prepare
from shop.messaging.delivery.onward import Onward
from shop.messaging.delivery.retrying import database_is_gone, retrying
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import Call, Called, Outside
from shop.messaging.outgoing import unit_of_work
from shop.messaging.routing import Route
from shop.messaging.sets import fetch_rows

log = structlog.get_logger(__name__)

GATHER_SECONDS = 0.02  # answers that arrive this close together are recorded in one transaction


def deliver_outside(route: Route, *, within: Collection[str] = ()) -> int:
    """Deliver one batch to an outside handler; how many deliveries it dealt with, failures included.

    What a few answers say to subscribers in the queues of ``within`` is delivered as they are recorded.
    """
    return one_by_one_if_it_fails(
        lambda: _deliver(route, lambda: claim(route, route.batch_size), within),
        lambda delivery_id: _deliver(route, lambda: claim_one(route, delivery_id), ()),
    )


def carry_out(route: Route, leased: Leased, *, within: Collection[str] = ()) -> None:
    """Make the calls, in no transaction, and record what came back. What that led to outside is carried out last."""
    crash_point("outside.after_claim", route.name)
    handler, later = outside_handler(route), list[tuple[Route, Leased]]()
    for group in _as_they_come(handler, leased.calls):
        crash_point("outside.after_call", route.name)
        answered = [called for called, error in group if error is None]
        for called, error in group:
            if error is not None:
                _give_back(called.envelope, leased.lease, error)
        if answered:
            later += _record_or_give_back(route, handler, leased.lease, answered, within)
    for other, next_leased in later:
        carry_out(other, next_leased, within=within)


def _deliver(route: Route, take: Callable[[], list[Claimed]], within: Collection[str]) -> int:
    claimed: list[Claimed] = []
    with holding(claimed), unit_of_work() as unit:
        claimed += take()
        unit.began_at = claimed[0].began_at if claimed else None
        leased = prepare(route, claimed)
    carry_out(route, leased, within=within)
    return leased.size


def _as_they_come(
    handler: Outside[Any, Any], calls: Sequence[Call[Any]]
) -> Iterator[list[tuple[Called[Any, Any], BaseException | None]]]:
    pending: dict[Future[Any], Call[Any]] = {
        _threads(handler.threads).submit(_call, handler, call.intent): call for call in calls
    }
    while pending:
        wait(pending, return_when=FIRST_COMPLETED)
        done, _ = wait(pending, timeout=GATHER_SECONDS)
        yield [_outcome(pending.pop(future), future) for future in done]


def _call(handler: Outside[Any, Any], intent: Any) -> Any:
    try:
        return handler.call(intent)
    finally:
        connections.close_all()  # a thread that looked something up must not keep a connection


@cache
def _threads(size: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=size, thread_name_prefix="outside")


def _outcome(call: Call[Any], future: Future[Any]) -> tuple[Called[Any, Any], BaseException | None]:
    error = future.exception()
    return Called(call.envelope, call.intent, None if error else future.result()), error


def _record_or_give_back(
    route: Route,
    handler: Outside[Any, Any],
    lease: UUID,
    answered: Sequence[Called[Any, Any]],
    within: Collection[str],
) -> list[tuple[Route, Leased]]:
    tries = iter([Onward(within)])
    try:
        return retrying(lambda: _record(route, handler, lease, answered, next(tries, Onward())))
    except Exception as error:
        if database_is_gone(error):
            raise
        if len(answered) > 1:
            return [item for called in answered for item in _record_or_give_back(route, handler, lease, [called], ())]
        if within:
            return _record_or_give_back(route, handler, lease, answered, ())
        _give_back(answered[0].envelope, lease, error)
        return []


def _record(
    route: Route, handler: Outside[Any, Any], lease: UUID, answered: Sequence[Called[Any, Any]], onward: Onward
) -> list[tuple[Route, Leased]]:
    with unit_of_work() as unit:
        ids = [called.envelope.delivery_id for called in answered]
        marked = fetch_rows(MARK_MINE, [ids, lease])
        mine = {number for number, _, _ in marked}
        unit.began_at = marked[0][1] if marked else None
        kept = [called for called in answered if called.envelope.delivery_id in mine]
        if len(kept) < len(answered):
            log.warning("lease_lost", subscriber=route.name, dropped=len(answered) - len(kept))
        if kept:
            declare_staff([called.envelope for called in kept])
            handler.record(kept)
            onward.carry(unit, marked[0][2])
        unit.flush()
        onward.written(unit)
        crash_point("outside.before_commit", route.name)
        onward.crash_points("deliver.before_commit")
    crash_point("outside.after_commit", route.name)
    onward.crash_points("deliver.after_commit")
    return onward.leased


def _give_back(envelope: Envelope[Any], lease: UUID, error: BaseException) -> None:
    assert envelope.delivery_id is not None
    with unit_of_work():
        record_failure(envelope.delivery_id, envelope.attempt, failure_of(error), lease=lease, counted=True)
