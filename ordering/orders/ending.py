"""How an order ends: cancelled before its fulfilment, given up after it, or with the customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog
from django_fsm import TransitionNotAllowed

from ordering.orders.facts import order_cancelled, order_completed
from ordering.orders.models import Order
from ordering.orders.moving import Moves, origin
from ordering.orders.states import LifecycleStatus
from shop.contracts.fulfilment import OrderUndeliverable, ShipmentDelivered
from shop.contracts.ordering import CancelOrder
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Refused

log = structlog.get_logger(__name__)

CANCELLED_MEANWHILE: Final = "The order was cancelled."


def cancel(command: CancelOrder) -> Order:
    """Cancel an order that is not being fulfilled yet, and close its holds. A cancelled one stays as it is.

    Raises ``Missing``, or ``Refused`` once fulfilment has begun.
    """
    moves = Moves.lock([command.order_id])
    order = moves.the(command.order_id)
    if order.lifecycle_status == LifecycleStatus.CANCELLED:
        return order
    try:
        moves.take(order, lambda: order.cancel(moves.at, command.reason), command.reason, origin())
    except TransitionNotAllowed:
        raise Refused(
            "order_not_cancellable",
            f"An order that is {order.lifecycle_status} cannot be cancelled any more. Return the goods instead.",
            data={"lifecycleStatus": str(order.lifecycle_status)},
        ) from None
    order.holds.filter(released_at__isnull=True).update(
        released_at=moves.at, released_by=origin().actor, resolution=CANCELLED_MEANWHILE
    )
    moves.write()
    publish(order_cancelled(order))
    return order


def give_up(batch: Sequence[Envelope[OrderUndeliverable]]) -> None:
    """Nothing of these orders will arrive: they end. Whoever has their money hears the same and returns it."""
    moves = Moves.lock(envelope.message.order_id for envelope in batch)
    for envelope in batch:
        order = moves.orders.get(envelope.message.order_id)
        if order is not None and order.lifecycle_status == LifecycleStatus.FULFILLING:
            moves.take(order, lambda: order.give_up(moves.at), envelope.message.reason, envelope)  # noqa: B023
    moves.write()


def complete(batch: Sequence[Envelope[ShipmentDelivered]]) -> None:
    """These customers have their goods. An order that was given up stays so, whatever turns up."""
    moves = Moves.lock(envelope.message.order_id for envelope in batch)
    for envelope in batch:
        order = moves.orders.get(envelope.message.order_id)
        if order is None or order.lifecycle_status != LifecycleStatus.FULFILLING:
            log.warning("delivered_and_not_completed", order=str(envelope.message.order_id))
            continue
        moves.take(order, lambda: order.complete(moves.at), "", envelope)  # noqa: B023
        publish(order_completed(order), cause=envelope)
    moves.write()
