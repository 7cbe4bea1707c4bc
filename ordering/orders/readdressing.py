"""Sending an order somewhere else, until a carrier has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ordering.orders.addresses import address_problem
from ordering.orders.facts import delivery_address_changed
from ordering.orders.models import Order
from ordering.orders.moving import Moves, origin
from ordering.orders.states import ENDED
from shop.contracts.fulfilment import ShipmentCreated, ShipmentFailed
from shop.contracts.ordering import ChangeDeliveryAddress
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Invalid, Refused

UNKNOWN: Final = ""


def change(command: ChangeDeliveryAddress) -> Order:
    """Give an order another address. Raises ``Missing``, ``Invalid`` for one that cannot be delivered to, or ``Refused``."""
    moves = Moves.lock([command.order_id])
    order = moves.the(command.order_id)
    if order.lifecycle_status in ENDED:
        raise Refused("order_over", f"An order that is {order.lifecycle_status} goes nowhere any more.")
    if order.shipped_at is not None:
        raise Refused("already_shipped", "A carrier has it already.")
    if problem := address_problem(command.delivery_address):
        raise Invalid("address_not_deliverable", problem)
    address = command.delivery_address.data()
    if address == order.delivery_address:
        return order
    previous = str((order.delivery_address or {}).get("postalCode", UNKNOWN))
    order.delivery_address = address
    order.address_revision += 1
    Order.objects.filter(pk=order.pk).update(delivery_address=address)
    moves.touch(order)
    moves.write()
    publish(delivery_address_changed(order, command.delivery_address, previous, origin().actor, moves.at))
    return order


def note_shipments(batch: Sequence[Envelope[ShipmentCreated]]) -> None:
    """A carrier has these orders: their address is fixed."""
    moves = Moves.lock(envelope.message.order_id for envelope in batch)
    for envelope in batch:
        order = moves.orders.get(envelope.message.order_id)
        if order is not None and order.shipped_at is None:
            order.shipped_at = envelope.message.created_at
            moves.touch(order)
    moves.write()


def forget_shipments(batch: Sequence[Envelope[ShipmentFailed]]) -> None:
    """No carrier brings these orders any more: before they are sent again, their address may be corrected."""
    moves = Moves.lock(envelope.message.order_id for envelope in batch)
    for envelope in batch:
        order = moves.orders.get(envelope.message.order_id)
        if order is not None and order.shipped_at is not None and order.lifecycle_status not in ENDED:
            order.shipped_at = None
            moves.touch(order)
    moves.write()
