"""Orders: what can be asked of an order and what an order looks like."""

from typing import Annotated, Literal

from pydantic import Field

from shop.contracts.addresses import Address
from shop.contracts.base import Command, Http, Part, Query
from shop.contracts.fields import (
    Count,
    Currency,
    DeliveryMethod,
    FraudVerdict,
    Money,
    Name,
    Names,
    Page,
    PageSize,
    Personal,
    PositiveMoney,
    Priority,
    Quantity,
    Reason,
    UpToMostItems,
    UtcTime,
    Uuid,
    Uuids,
)

OWNER = "ordering-platform"

# CREATED stands for every open state; an archived order shows how it ended.
OrderStatus = Literal["CREATED", "COMPLETED", "CANCELLED"]
LifecycleStatus = Literal[
    "CREATED", "CONFIRMED", "ON_HOLD", "AWAITING_FULFILMENT", "FULFILLING", "COMPLETED", "CANCELLED", "ARCHIVED"
]
CancelReason = Literal["CUSTOMER_REQUESTED", "PAYMENT_FAILED", "OUT_OF_STOCK", "FRAUD"]
HoldReason = Literal["PAYMENT_REVIEW", "FRAUD_REVIEW", "ADDRESS_VERIFICATION", "INVENTORY_RECHECK"]
ConfirmationNumber = Annotated[str, Field(pattern=r"^ORD-[0-9]{8}$")]


class OrderItem(Part):
    """A line at the price, SKU and name it was bought with."""

    product_id: Uuid
    quantity: Quantity
    unit_price: Money
    sku: Name | None = None
    name: Name | None = None


OrderItems = Annotated[list[OrderItem], UpToMostItems]


class OrderView(Part):
    """An order. ``status`` is the coarse published state, ``lifecycleStatus`` the one operators work with."""

    order_id: Uuid
    customer_id: Uuid
    status: OrderStatus
    items: OrderItems
    total: Money
    currency: Currency
    created_at: UtcTime | None = None
    lifecycle_status: LifecycleStatus | None = None
    confirmation_number: ConfirmationNumber | None = None
    subtotal: Money | None = None
    discount: Money | None = None
    delivery_method: DeliveryMethod | None = None


class OrderPage(Part):
    """One page of a customer's orders, the newest first, and how many there are in all."""

    total: Count
    page: Page
    page_size: PageSize
    results: Annotated[list[OrderView], UpToMostItems]


class StatusChange(Part):
    """One accepted transition; the first one leaves CREATED."""

    sequence: Quantity
    previous_status: LifecycleStatus | None = None
    new_status: LifecycleStatus
    change_reason: Reason | None = None
    changed_at: UtcTime


class OrderHistoryView(Part):
    """Every transition of an order in order of ``sequence``, without a gap."""

    order_id: Uuid
    changes: list[StatusChange]


class HoldView(Part):
    """A hold on an order; while any is open the order is ON_HOLD."""

    order_id: Uuid
    hold_id: Uuid
    reason: HoldReason
    lifecycle_status: LifecycleStatus


class FulfilmentLine(Part):
    """A line as the warehouse picks it; ``position`` names it within its order."""

    position: Quantity
    product_id: Uuid
    sku: Name
    name: Name
    quantity: Quantity


class OrderForFulfilment(Part):
    """What warehouse and shipping need of an order. ``revision`` counts its amendments, ``addressRevision`` its addresses."""

    order_id: Uuid
    customer_id: Uuid
    confirmation_number: ConfirmationNumber
    lifecycle_status: LifecycleStatus
    reservation_id: Uuid | None = None
    lines: Annotated[list[FulfilmentLine], UpToMostItems]
    delivery_address: Annotated[Address | None, Personal] = None
    delivery_method: DeliveryMethod
    priority: Priority
    revision: Quantity
    address_revision: Quantity
    currency: Currency


class OrdersForFulfilment(Part):
    """The orders that were found, by id; one that does not exist is simply missing."""

    orders: Annotated[list[OrderForFulfilment], UpToMostItems]


class CreateOrder(Command):
    """Make the order a paid checkout stands for. The pivot: before it everything can be undone, after it nothing is.

    A repeat with the same ``orderId`` or ``cartId`` answers with the order that is already there.
    """

    owner = OWNER
    key = "order_id"
    http = Http("POST", "/orders", (201, 400, 409))
    response = OrderView

    cart_id: Uuid
    customer_id: Uuid
    items: OrderItems
    total: PositiveMoney
    currency: Currency
    payment_authorization_id: Name | None = None
    order_id: Uuid | None = None
    checkout_session_id: Uuid | None = None
    reservation_id: Uuid | None = None
    payment_id: Uuid | None = None
    subtotal: PositiveMoney | None = None
    discount: PositiveMoney | None = None
    applied_promotions: Names | None = None
    delivery_address: Annotated[Address | None, Personal] = None
    delivery_method: DeliveryMethod | None = None
    priority: Priority | None = None
    fraud_verdict: FraudVerdict | None = None


class CancelOrder(Command):
    """Cancel an order that is not being fulfilled yet; a later one is refused and goes to returns."""

    owner = OWNER
    key = "order_id"
    http = Http("POST", "/orders/{orderId}/cancel", (200, 404, 409))
    response = OrderView

    order_id: Uuid
    reason: CancelReason


class PlaceOrderHold(Command):
    """Stop an order until a person has looked at it, with a team that owns the look and a time it is due."""

    owner = OWNER
    key = "order_id"
    response = HoldView

    order_id: Uuid
    reason: HoldReason
    owner_team: Name
    customer_message: Annotated[Name, Field(max_length=280)] | None = None
    review_by: UtcTime


class ReleaseOrderHold(Command):
    """Close one hold with what was found out; the order goes on when it was the last one."""

    owner = OWNER
    key = "order_id"
    response = HoldView

    order_id: Uuid
    hold_id: Uuid
    resolution: Annotated[Reason, Field(min_length=1)]


class GetOrder(Query):
    """One order."""

    owner = OWNER
    http = Http("GET", "/orders/{orderId}", (200, 404))
    response = OrderView

    order_id: Uuid


class ListOrders(Query):
    """A customer's orders, page by page."""

    owner = OWNER
    http = Http("GET", "/orders", (200, 400))
    response = OrderPage

    customer_id: Uuid
    page: Page = 1
    page_size: PageSize = 20
    status: OrderStatus | None = None


class GetOrderStatusHistory(Query):
    """How an order came to be where it is."""

    owner = OWNER
    http = Http("GET", "/orders/{orderId}/history", (200, 404))
    response = OrderHistoryView

    order_id: Uuid


class GetOrdersForFulfilment(Query):
    """What is to be picked and where it goes, of many orders in one answer."""

    owner = OWNER
    response = OrdersForFulfilment

    order_ids: Uuids
