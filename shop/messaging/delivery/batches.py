"""Batch delivery: claim, effect, done-mark and new messages commit together, so each delivery has exactly one effect."""

from __future__ import annotations

from collections.abc import Callable, Collection

import structlog

from shop.messaging.crashpoints import crash_point
from shop.messaging.delivery.claim import Claimed, claim, claim_one
from shop.messaging.delivery.fallback import BatchFailed, holding, one_by_one_if_it_fails
from shop.messaging.delivery.handling import handle
from shop.messaging.delivery.onward import Onward
from shop.messaging.delivery.outside import carry_out
from shop.messaging.delivery.reading import read_all
from shop.messaging.outgoing import unit_of_work
from shop.messaging.routing import Route

log = structlog.get_logger(__name__)


def deliver_batch(route: Route, *, within: Collection[str] = ()) -> int:
    """Deliver one batch of due mail to ``route``; how many deliveries it dealt with, failures included.

    What a small batch says to subscribers in the queues of ``within`` is delivered in the same transaction.
    """
    return one_by_one_if_it_fails(
        lambda: _going_on(route, within),
        lambda delivery_id: _deliver(route, lambda: claim_one(route, delivery_id), Onward()),
    )


def _going_on(route: Route, within: Collection[str]) -> int:
    """Where a hop fails the batch is delivered again without going on: the hop is mail, and its failure is counted as such."""
    onward = Onward(within)
    try:
        return _deliver(route, lambda: claim(route, route.batch_size), onward)
    except BatchFailed as failed:
        if not onward.began:
            raise
        log.info("not_carried_on", subscriber=route.name, error=type(failed.__cause__).__name__)
        return _deliver(route, lambda: claim(route, route.batch_size), Onward())


def _deliver(route: Route, take: Callable[[], list[Claimed]], onward: Onward) -> int:
    claimed: list[Claimed] = []
    with holding(claimed), unit_of_work() as unit:
        claimed += take()
        unit.began_at = claimed[0].began_at if claimed else None
        envelopes = read_all(route, claimed)
        if envelopes:
            crash_point("deliver.before_handler", route.name)
            handle(route, envelopes, unit)
            crash_point("deliver.before_done", route.name)
            unit.settle(envelope.delivery_id for envelope in envelopes if envelope.delivery_id is not None)
            onward.carry(unit, claimed[0].claimed_at)
        unit.flush()
        onward.written(unit)
        crash_point("deliver.before_commit", route.name)
        onward.crash_points("deliver.before_commit")
    crash_point("deliver.after_commit", route.name)
    onward.crash_points("deliver.after_commit")
    for other, leased in onward.leased:
        carry_out(other, leased, within=onward.within)
    return len(claimed)
