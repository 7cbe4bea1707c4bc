"""What happens to an order, as facts."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from shop.contracts.addresses import Address
from shop.contracts.base import Event, Part
from shop.contracts.fields import (
    AllDifferent,
    Currency,
    DeliveryMethod,
    Integer,
    Money,
    Name,
    Personal,
    PositiveMoney,
    Priority,
    Quantity,
    Reason,
    Text,
    UpToMostItems,
    UtcTime,
    Uuid,
)
from shop.contracts.ordering.orders import CancelReason, ConfirmationNumber, HoldReason

OWNER = "ordering-platform"
NO_CURRENCY = "XXX"  # ISO 4217: no currency, for messages that were written before they had one

# The first revision is the original, so a change is at least the second.
Revision = Annotated[Integer, Field(ge=2)]
PreviousStatus = Literal["CREATED", "CONFIRMED", "ON_HOLD", "AWAITING_FULFILMENT", "FULFILLING", "COMPLETED", "CANCELLED"]
NewStatus = Literal["CONFIRMED", "ON_HOLD", "AWAITING_FULFILMENT", "FULFILLING", "COMPLETED", "CANCELLED", "ARCHIVED"]
AmendedField = Literal["items", "deliveryAddress", "deliveryMethod", "promotionCode"]


class OrderCreatedV03(Event):
    """An order exists. First published shape, for subscribers that only count orders."""

    published_name = "OrderCreated"
    version = "0.3.0"
    owner = OWNER
    key = "order_id"

    order_id: Uuid
    customer_id: Uuid
    created_at: UtcTime


class OrderCreatedV06(Event):
    """An order exists. Second published shape, with its worth."""

    published_name = "OrderCreated"
    version = "0.6.0"
    owner = OWNER
    key = "order_id"

    order_id: Uuid
    customer_id: Uuid
    total: Money
    currency: Currency
    created_at: UtcTime

    @classmethod
    def upcast(cls, older: Mapping[str, Any]) -> Mapping[str, Any]:
        """The first shape did not say what the order is worth: an amount of nothing, in no currency."""
        return {"total": 0, "currency": NO_CURRENCY, **older}


class CreatedOrderItem(Part):
    """A bought line by its SKU."""

    sku: Name
    quantity: Quantity
    unit_price: Money


class OrderCreated(Event):
    """An order exists and is paid for as far as its authorisation goes. The fact a successful checkout ends in.

    A message of an older version is read with no items, which no order has, and if need be in no currency
    (``NO_CURRENCY``); a subscriber of an older version gets this one reduced by that version's ``from_newer``.
    """

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    customer_id: Uuid
    total: Money
    currency: Currency
    status: Literal["created"]
    items: Annotated[list[CreatedOrderItem], UpToMostItems]
    created_at: UtcTime
    checkout_session_id: Uuid | None = None

    @classmethod
    def upcast(cls, older: Mapping[str, Any]) -> Mapping[str, Any]:
        """The second shape had neither status, which never had another value, nor items."""
        return {"status": "created", "items": [], **older}


class OrderConfirmed(Event):
    """Payment and stock of the order are settled and the customer has a confirmation number."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    customer_id: Uuid
    confirmation_number: ConfirmationNumber
    payment_authorization_id: Name | None = None
    inventory_reservation_id: Name | None = None
    total: PositiveMoney
    currency: Currency
    confirmed_at: UtcTime


class OrderCancelled(Event):
    """The order will not be fulfilled. Stock and money go back, each by its owner."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    customer_id: Uuid | None = None
    reason: CancelReason
    cancelled_at: UtcTime


class OrderFulfilmentStarted(Event):
    """The warehouse may pick this order now; it can no longer be cancelled."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    fulfilment_id: Uuid
    warehouse_id: Name
    item_count: Quantity
    priority: Priority
    delivery_method: DeliveryMethod
    estimated_dispatch_at: UtcTime | None = None
    started_at: UtcTime


class OrderCompleted(Event):
    """The customer has the goods."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    customer_id: Uuid
    completed_at: UtcTime


class OrderAmended(Event):
    """An order was changed after it was made. The total moves from the previous to the new one."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    revision: Revision
    changed_fields: Annotated[list[AmendedField], AllDifferent, Field(min_length=1, json_schema_extra={"uniqueItems": True})]
    previous_total: PositiveMoney
    new_total: PositiveMoney
    currency: Currency
    amended_by: Name
    reason: Reason | None = None
    amended_at: UtcTime
    # The change that was asked for; absent for what a short pick took away.
    change_id: Uuid | None = None


class NewDeliveryAddress(Address):
    """Where the order goes now; unlike an address at checkout it always names its recipient."""

    recipient_name: Annotated[Name, Personal]


class OrderDeliveryAddressChanged(Event):
    """An order goes somewhere else than before. Whoever has the old address replaces it."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    address_revision: Revision
    previous_postal_code: Annotated[Name, Personal]
    delivery_address: Annotated[NewDeliveryAddress, Personal]
    changed_by: Name
    changed_at: UtcTime


class OrderPlacedOnHold(Event):
    """The order stands still until its owner team has looked at it; ``customerMessage`` may be shown."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    hold_id: Uuid
    reason: HoldReason
    owner_team: Name
    customer_message: Annotated[Text, Field(max_length=280)] | None = None
    review_by: UtcTime
    placed_at: UtcTime


class OrderHoldReleased(Event):
    """The last open hold is closed and the order goes on with the next status."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    hold_id: Uuid
    previous_reason: HoldReason
    resolution: Reason
    released_by: Name
    next_status: Literal["CONFIRMED", "AWAITING_FULFILMENT"]
    released_at: UtcTime


class OrderStatusChanged(Event):
    """One accepted transition of an order. ``sequence`` counts them from 1 without a gap."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    previous_status: PreviousStatus
    new_status: NewStatus
    sequence: Quantity
    change_reason: Reason | None = None
    correlation_id: Uuid | None = None
    changed_at: UtcTime


class OrderArchived(Event):
    """A finished order was moved to its archive; the checksum proves what was stored there."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    terminal_status: Literal["COMPLETED", "CANCELLED"]
    retention_category: Literal["STANDARD", "FINANCIAL_RECORD", "LEGAL_HOLD"]
    archive_reference: Name
    record_checksum: Annotated[str, Field(pattern=r"^[a-f0-9]{64}$")]
    terminal_at: UtcTime
    archived_at: UtcTime
