"""Every command and subscription of shipping, by name. What leaves the process is told in ``booking`` and ``asking``."""

from __future__ import annotations

from collections.abc import Sequence

from fulfilment.shipping import addresses, asking, deciding, opening, webhooks
from fulfilment.shipping.asking import track_shipment
from fulfilment.shipping.booking import create_shipment
from shop.contracts.fulfilment import (
    FollowShipments,
    GiveUpShipment,
    HandOverOrder,
    MarkShipmentLost,
    OrderPacked,
    OrderReadyForShipping,
    ReceiveCarrierWebhook,
    RedeliverShipment,
    ReplaceShipment,
    RetryBooking,
    ShipmentView,
)
from shop.contracts.ordering import OrderDeliveryAddressChanged
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import in_batches

__all__ = [
    "book_shipment_when_order_ready",
    "create_shipment",
    "follow_shipments",
    "give_up_shipment",
    "hand_over_order",
    "mark_shipment_lost",
    "receive_carrier_webhook",
    "redeliver_shipment",
    "replace_address_when_delivery_address_changed",
    "replace_shipment",
    "retry_booking",
    "track_shipment",
    "wait_for_customer_when_order_packed",
]


@in_batches(50)
def book_shipment_when_order_ready(batch: Sequence[Envelope[OrderReadyForShipping]]) -> None:
    """The parcels wait at the dock: a shipment each, and the command that books it."""
    opening.open_for_carrier(batch)


@in_batches(50)
def wait_for_customer_when_order_packed(batch: Sequence[Envelope[OrderPacked]]) -> None:
    """What the customer collects waits at the counter; everything else is none of this subscriber's business."""
    opening.open_for_collection(batch)


@in_batches(50)
def replace_address_when_delivery_address_changed(batch: Sequence[Envelope[OrderDeliveryAddressChanged]]) -> None:
    """The order goes somewhere else: so does what is not shipped yet, from picking to booking."""
    addresses.replace(batch)


@in_batches(50)
def receive_carrier_webhook(batch: Sequence[Envelope[ReceiveCarrierWebhook]]) -> None:
    """Work on stored webhooks."""
    webhooks.receive_carrier_webhooks(batch)


def follow_shipments(command: FollowShipments) -> None:
    """Ask the carrier about everything that should be known by now."""
    asking.follow(command)


def retry_booking(command: RetryBooking) -> ShipmentView:
    """Book again what the carrier refused. Raises ``Missing`` or ``Refused``."""
    return deciding.retry_booking(command.shipment_id)


def redeliver_shipment(command: RedeliverShipment) -> ShipmentView:
    """Send the same parcels again. Raises ``Missing`` or ``Refused``."""
    return deciding.redeliver(command.shipment_id)


def replace_shipment(command: ReplaceShipment) -> ShipmentView:
    """Pick the same goods again. Publishes ``InventoryReserved``; raises ``Missing`` or ``Refused``."""
    return deciding.replace(command.shipment_id)


def mark_shipment_lost(command: MarkShipmentLost) -> ShipmentView:
    """Count it as lost. Publishes ``ShipmentFailed``; raises ``Missing`` or ``Refused``."""
    return deciding.mark_lost(command.shipment_id)


def give_up_shipment(command: GiveUpShipment) -> ShipmentView:
    """Nobody tries again. Publishes ``OrderUndeliverable``; raises ``Missing`` or ``Refused``."""
    return deciding.give_up(command.shipment_id)


def hand_over_order(command: HandOverOrder) -> ShipmentView:
    """The customer has collected it. Publishes ``ShipmentDelivered``; raises ``Missing`` or ``Refused``."""
    return deciding.hand_over(command.shipment_id, command.collected_by)
