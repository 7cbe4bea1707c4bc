"""What shipping answers. Reads only."""

from __future__ import annotations

from uuid import UUID

from fulfilment.shipping.facts import view
from fulfilment.shipping.models import Shipment
from shop.contracts.fields import MOST_ITEMS
from shop.contracts.fulfilment import GetOrderShipment, GetShipment, ShipmentView
from shop.messaging.errors import Missing


def get_shipment(query: GetShipment) -> ShipmentView:
    """One shipment. Raises ``Missing``."""
    return _found(Shipment.objects.filter(pk=query.shipment_id).first())


def get_order_shipment(query: GetOrderShipment) -> ShipmentView:
    """The newest shipment of an order. Raises ``Missing`` while there is none."""
    return _found(Shipment.objects.filter(order_id=query.order_id).order_by("-id").first())


def customer_of_order(order_id: UUID) -> UUID | None:
    """Whose order is shipped, if anything of it is."""
    return Shipment.objects.filter(order_id=order_id).values_list("customer_id", flat=True).first()


def no_such_shipment() -> Missing:
    """The one answer for a shipment that is not there and for somebody else's."""
    return Missing("shipment_not_found", "There is no such shipment.")


def full_view(shipment: Shipment) -> ShipmentView:
    """A shipment with its parcels and its newest tracking, the oldest first."""
    events = list(shipment.events.order_by("-at", "-id")[:MOST_ITEMS])
    return view(shipment, list(shipment.parcels.order_by("number")), events[::-1])


def _found(shipment: Shipment | None) -> ShipmentView:
    if shipment is None:
        raise no_such_shipment()
    return full_view(shipment)
