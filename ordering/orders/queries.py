"""Answers about orders. Reads only."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from ordering.orders.models import Order, OrderStatusHistory
from ordering.orders.states import ENDED, MUST_NOT_GO_ON, OPEN
from shop.contracts.addresses import Address
from shop.contracts.ordering import (
    GetHeldOrders,
    GetOrder,
    GetOrdersForFulfilment,
    GetOrderStatusHistory,
    HeldOrders,
    ListOrders,
    OrderForFulfilment,
    OrderHistoryView,
    OrderPage,
    OrdersForFulfilment,
    OrderView,
    StatusChange,
)
from shop.messaging.errors import Missing
from shop.messaging.sets import fetch_rows

# The share lock makes whoever holds or cancels wait, so that the answer is true until the asker has committed what follows.
# A row that was waited for comes back as it has become.
STANDING: Final = "SELECT id, lifecycle_status FROM ordering_order WHERE id = ANY(%s) ORDER BY id FOR SHARE"


def get_order(query: GetOrder) -> OrderView:
    """One order. Raises ``Missing``."""
    order = Order.objects.filter(pk=query.order_id).prefetch_related("lines").first()
    if order is None:
        raise no_such_order()
    return order_view(order)


def list_orders(query: ListOrders) -> OrderPage:
    """A page of a customer's orders, the newest first; ties are broken by id, so that no page repeats or skips one."""
    orders = _of_status(Order.objects.filter(customer_id=query.customer_id), query.status)
    first = (query.page - 1) * query.page_size
    page = orders.order_by("-created_at", "-id").prefetch_related("lines")
    return OrderPage(
        total=orders.count(),
        page=query.page,
        page_size=query.page_size,
        results=[order_view(order) for order in page[first : first + query.page_size]],
    )


def get_order_status_history(query: GetOrderStatusHistory) -> OrderHistoryView:
    """Every transition of one order. Raises ``Missing``."""
    if not Order.objects.filter(pk=query.order_id).exists():
        raise no_such_order()
    changes = OrderStatusHistory.objects.filter(order_id=query.order_id).order_by("sequence")
    return OrderHistoryView(order_id=query.order_id, changes=[_status_change(change) for change in changes])


def get_orders_for_fulfilment(query: GetOrdersForFulfilment) -> OrdersForFulfilment:
    """What warehouse and shipping need of these orders, by id, in two statements however many there are."""
    orders = Order.objects.filter(pk__in=query.order_ids).order_by("pk").prefetch_related("lines")
    return OrdersForFulfilment(orders=[_for_fulfilment(order) for order in orders])


def get_held_orders(query: GetHeldOrders) -> HeldOrders:
    """Which of these orders stand still or are cancelled; until the asker's transaction ends, no other of them can."""
    rows = fetch_rows(STANDING, [sorted(query.order_ids)])
    return HeldOrders(order_ids=[order_id for order_id, status in rows if status in MUST_NOT_GO_ON])


def customer_of(order_id: UUID) -> UUID:
    """Whose order this is. Raises ``Missing``."""
    customer = Order.objects.filter(pk=order_id).values_list("customer_id", flat=True).first()
    if customer is None:
        raise no_such_order()
    return customer


def no_such_order() -> Missing:
    """The one answer for an order that is not there or is somebody else's."""
    return Missing("order_not_found", "There is no such order.")


def coarse_status(order: Order) -> str:
    """The published status: CREATED while anything may still happen, then how it ended (also when archived)."""
    return order.terminal_status or "CREATED"


def order_view(order: Order) -> OrderView:
    """The published shape of ``order``; its lines are read unless they were fetched with it."""
    return OrderView.model_validate(
        {
            "order_id": order.id,
            "customer_id": order.customer_id,
            "status": coarse_status(order),
            "items": [
                {
                    "product_id": line.product_id,
                    "quantity": line.quantity,
                    "unit_price": line.unit_price,
                    "sku": line.sku,
                    "name": line.name or None,
                }
                for line in order.lines.all()
            ],
            "total": order.total,
            "currency": order.currency,
            "created_at": order.created_at,
            "lifecycle_status": str(order.lifecycle_status),
            "confirmation_number": order.confirmation_number,
            "subtotal": order.subtotal,
            "discount": order.discount,
            "delivery_method": order.delivery_method,
        }
    )


def _for_fulfilment(order: Order) -> OrderForFulfilment:
    return OrderForFulfilment.model_validate(
        {
            "order_id": order.id,
            "customer_id": order.customer_id,
            "confirmation_number": order.confirmation_number,
            "lifecycle_status": str(order.lifecycle_status),
            "reservation_id": order.reservation_id,
            "lines": [
                {
                    "position": line.position,
                    "product_id": line.product_id,
                    "sku": line.sku,
                    "name": line.name,
                    "quantity": line.quantity,
                }
                for line in order.lines.all()
            ],
            "delivery_address": Address.read_data(order.delivery_address) if order.delivery_address else None,
            "delivery_method": order.delivery_method,
            "priority": order.priority,
            "revision": order.revision,
            "address_revision": order.address_revision,
            "currency": order.currency,
        }
    )


def _of_status(orders: QuerySet[Order], status: str | None) -> QuerySet[Order]:
    if status is None:
        return orders
    if status == "CREATED":
        return orders.filter(lifecycle_status__in=OPEN)
    return orders.filter(lifecycle_status__in=ENDED, terminal_status=status)


def _status_change(change: OrderStatusHistory) -> StatusChange:
    return StatusChange.model_validate(
        {
            "sequence": change.sequence,
            "previous_status": change.previous_status,
            "new_status": change.new_status,
            "change_reason": change.reason or None,
            "changed_at": change.changed_at,
        }
    )
