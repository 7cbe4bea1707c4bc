"""What the timetable and operators do with orders between confirmation and the doorstep."""

from typing import Annotated

from shop.contracts.base import Command, Http, Part, Query
from shop.contracts.fields import Limit, Personal, Reason, UpToMostItems, Uuid, Uuids
from shop.contracts.ordering.events import NewDeliveryAddress
from shop.contracts.ordering.orders import OrderView

OWNER = "ordering-platform"


class HeldOrders(Part):
    """Those of the orders asked about that have an open hold, or are cancelled."""

    order_ids: Annotated[list[Uuid], UpToMostItems]


class GetHeldOrders(Query):
    """Which of these orders must not go on now. Asked by whoever is about to do something that a hold forbids."""

    owner = OWNER
    response = HeldOrders

    order_ids: Uuids


class ReleaseOrders(Command):
    """Hand the orders that have waited long enough to the warehouse, at most ``limit``, the most urgent first."""

    owner = OWNER

    limit: Limit | None = None


class ReleaseOrder(Command):
    """Hand one waiting order to the warehouse at once."""

    owner = OWNER
    key = "order_id"
    response = OrderView

    order_id: Uuid
    reason: Reason | None = None


class ChangeDeliveryAddress(Command):
    """Send an order somewhere else, as long as no carrier has accepted it. The same address again changes nothing."""

    owner = OWNER
    key = "order_id"
    http = Http("POST", "/orders/{orderId}/delivery-address", (200, 400, 404, 409))
    response = OrderView

    order_id: Uuid
    delivery_address: Annotated[NewDeliveryAddress, Personal]
    reason: Reason | None = None
