"""Which orders go to the warehouse, and when: the most urgent first, then whoever has waited longest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from uuid_utils.compat import uuid7

from ordering.orders.facts import fulfilment_started
from ordering.orders.models import Order
from ordering.orders.moving import Moves
from ordering.orders.states import AdjustmentStatus, LifecycleStatus
from shop.contracts.fields import Priority
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope, Origin
from shop.messaging.errors import Refused
from shop.messaging.sets import fetch_rows

# In the order in which they are served, with the time in which they should have left the house.
DISPATCH_WITHIN: Final[dict[Priority, timedelta]] = {
    "SAME_DAY": timedelta(hours=4),
    "EXPEDITED": timedelta(hours=24),
    "STANDARD": timedelta(hours=48),
}
# Rows somebody else is busy with are left for the next time.
DUE: Final = """
    SELECT o.id FROM ordering_order o
    WHERE o.lifecycle_status = 'AWAITING_FULFILMENT' AND o.priority = %s
      AND NOT EXISTS (SELECT 1 FROM ordering_orderadjustment a WHERE a.order_id = o.id AND a.status = 'OPEN')
      AND o.awaiting_since <= now() - make_interval(secs => %s)
    ORDER BY o.awaiting_since, o.id LIMIT %s FOR UPDATE SKIP LOCKED
"""
QUANTITIES: Final = "SELECT order_id, sum(quantity) FROM ordering_orderline WHERE order_id = ANY(%s) GROUP BY order_id"


def release_due(limit: int, cause: Envelope[Any] | Origin) -> int:
    """Start the fulfilment of up to ``limit`` orders that have waited out the grace period; how many there were."""
    due: list[UUID] = []
    for priority in DISPATCH_WITHIN:
        if len(due) < limit:
            wanted = [priority, settings.ORDER_RELEASE_GRACE_SECONDS, limit - len(due)]
            due += [order_id for (order_id,) in fetch_rows(DUE, wanted)]
    moves = Moves.lock(due)
    start(moves, [moves.orders[order_id] for order_id in due], "", cause)
    return len(due)


def start(moves: Moves, orders: Sequence[Order], reason: str, cause: Envelope[Any] | Origin) -> None:
    """Start the fulfilment of these locked orders that wait for it, and say so."""
    pieces = dict(fetch_rows(QUANTITIES, [[order.id for order in orders]])) if orders else {}
    for order in orders:
        moves.take(order, lambda: order.start_fulfilment(uuid7(), settings.WAREHOUSE_ID), reason, cause)  # noqa: B023
        dispatch_at = moves.at + DISPATCH_WITHIN[order.priority]  # type: ignore[index]
        publish(fulfilment_started(order, int(pieces[order.id]), moves.at, dispatch_at), cause=cause)
    moves.write()


def release_now(order_id: UUID, reason: str, cause: Envelope[Any] | Origin) -> Order:
    """Start the fulfilment of one order at once. Raises ``Missing``, or ``Refused`` for one that does not wait for it."""
    moves = Moves.lock([order_id])
    order = moves.the(order_id)
    if order.lifecycle_status != LifecycleStatus.AWAITING_FULFILMENT:
        raise Refused("not_awaiting_fulfilment", f"It is {order.lifecycle_status}: only an order that waits can be released.")
    if order.adjustments.filter(status=AdjustmentStatus.OPEN).exists():
        raise Refused("amendment_open", "A change of this order is under way.")
    start(moves, [order], reason, cause)
    return order
