"""Changing an order after checkout: what can be asked, what it would cost, and how it went."""

from typing import Annotated, Literal

from pydantic import Field

from shop.contracts.base import Command, Event, Http, Part, Query
from shop.contracts.fields import (
    Count,
    Currency,
    DeliveryMethod,
    FraudVerdict,
    Money,
    Name,
    PositiveMoney,
    Quantity,
    Reason,
    Text,
    UpToMostItems,
    UtcTime,
    Uuid,
)
from shop.contracts.fulfilment.inventory import ReservedItems
from shop.contracts.ordering.events import AmendedField

OWNER = "ordering-platform"

ChangeType = Literal["SET_QUANTITY", "REMOVE_LINE", "SET_DELIVERY_METHOD", "CORRECT_PROMOTION"]
AmendmentStatus = Literal["OPEN", "APPLIED", "REJECTED"]


class OrderChange(Part):
    """One typed change. SET_QUANTITY and REMOVE_LINE name a line by its ``position`` (from 1), SET_DELIVERY_METHOD the
    method, CORRECT_PROMOTION the ``discount`` as it should have been, in minor units, and the code it is given for."""

    type: ChangeType
    position: Quantity | None = None
    quantity: Quantity | None = None
    delivery_method: DeliveryMethod | None = None
    discount: PositiveMoney | None = None
    promotion_code: Name | None = None


OrderChanges = Annotated[list[OrderChange], Field(min_length=1), UpToMostItems]


class AmendedLine(Part):
    """A line as it would be; ``previousQuantity`` is what it is now, and quantity 0 takes it away."""

    position: Quantity
    product_id: Uuid
    sku: Name
    quantity: Count
    previous_quantity: Count
    unit_price: Money


class AmendmentPreview(Part):
    """What the changes would come to. ``difference`` is what is to be paid in addition, or, below zero, given back."""

    order_id: Uuid
    revision: Quantity
    lines: Annotated[list[AmendedLine], UpToMostItems]
    subtotal: Money
    discount: Money
    previous_total: Money
    new_total: Money
    difference: Money
    currency: Currency
    delivery_method: DeliveryMethod
    changed_fields: Annotated[list[AmendedField], UpToMostItems]


class AmendmentView(Part):
    """How a change stands. OPEN means that stock and money are being asked; ``problem`` says why it was not possible."""

    change_id: Uuid
    order_id: Uuid
    status: AmendmentStatus
    previous_total: Money
    new_total: Money
    currency: Currency
    problem: Text | None = None


class PreviewAmendment(Query):
    """What these changes would cost, without making them."""

    owner = OWNER
    response = AmendmentPreview

    order_id: Uuid
    changes: OrderChanges


class PreviewOrderAmendment(Command):
    """The same question over HTTP: changes are too much for a query string, so it is a POST, and changes nothing."""

    owner = OWNER
    key = "order_id"
    http = Http("POST", "/orders/{orderId}/amendments/preview", (200, 400, 404, 409))
    response = AmendmentPreview

    order_id: Uuid
    changes: OrderChanges


class GetAmendment(Query):
    """How one change of an order stands."""

    owner = OWNER
    http = Http("GET", "/orders/{orderId}/amendments/{changeId}", (200, 404))
    response = AmendmentView

    order_id: Uuid
    change_id: Uuid


class AmendOrder(Command):
    """Change an order that is not being fulfilled yet. Stock and money are asked first; one change at a time per order."""

    owner = OWNER
    key = "order_id"
    http = Http("POST", "/orders/{orderId}/amendments", (202, 400, 404, 409))
    response = AmendmentView

    order_id: Uuid
    changes: OrderChanges
    expected_revision: Quantity | None = None
    reason: Reason | None = None


class OrderAmendmentRequested(Event):
    """A change is under way. Until it is decided ``items`` are to be reserved: what the order had or will have, the larger."""

    owner = OWNER
    key = "order_id"

    change_id: Uuid
    order_id: Uuid
    reservation_id: Uuid | None = None
    items: ReservedItems
    previous_items: ReservedItems
    payment_id: Uuid
    difference: PositiveMoney
    currency: Currency
    requested_at: UtcTime


class ApplyAmendment(Command):
    """Stock and money are there: change the order. Answered by OrderAmended or AmendmentRefused."""

    owner = OWNER
    key = "order_id"

    change_id: Uuid
    order_id: Uuid
    fraud_verdict: FraudVerdict | None = None


class AmendmentRefused(Event):
    """The order has moved on: it stays as it is."""

    owner = OWNER
    key = "order_id"

    change_id: Uuid
    order_id: Uuid
    problem: Text
    refused_at: UtcTime


class OrderAmendmentCompleted(Event):
    """The change is made, and nothing of it will be undone."""

    owner = OWNER
    key = "order_id"

    change_id: Uuid
    order_id: Uuid
    completed_at: UtcTime


class OrderAmendmentRejected(Event):
    """The change was not possible; whatever was taken for it is given back and the order is as it was."""

    owner = OWNER
    key = "order_id"

    change_id: Uuid
    order_id: Uuid
    problem: Text
    rejected_at: UtcTime
