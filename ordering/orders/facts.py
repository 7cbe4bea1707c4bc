"""The events of orders, made from their rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ordering.orders.models import Order, OrderArchive, OrderHold, OrderLine
from shop.contracts.ordering import (
    CreatedOrderItem,
    NewDeliveryAddress,
    OrderAmended,
    OrderArchived,
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderCreated,
    OrderDeliveryAddressChanged,
    OrderFulfilmentStarted,
    OrderHoldReleased,
    OrderPlacedOnHold,
)


def order_created(order: Order, lines: Sequence[OrderLine]) -> OrderCreated:
    """The fact that ``order`` exists, in its newest published shape."""
    return OrderCreated(
        order_id=order.id,
        customer_id=order.customer_id,
        total=order.total,
        currency=order.currency,
        status="created",
        items=[CreatedOrderItem(sku=line.sku, quantity=line.quantity, unit_price=line.unit_price) for line in lines],
        created_at=order.created_at,
        checkout_session_id=order.checkout_session_id,
    )


def order_confirmed(order: Order) -> OrderConfirmed:
    """The fact that ``order`` is settled; raises ``ValueError`` for one that is not."""
    if order.confirmed_at is None:
        raise ValueError(f"order {order.id} is not confirmed")
    return OrderConfirmed(
        order_id=order.id,
        customer_id=order.customer_id,
        confirmation_number=order.confirmation_number,
        payment_authorization_id=order.payment_authorization_id or None,
        inventory_reservation_id=str(order.reservation_id) if order.reservation_id else None,
        total=order.total,
        currency=order.currency,
        confirmed_at=order.confirmed_at,
    )


def order_cancelled(order: Order) -> OrderCancelled:
    """The fact that ``order`` will not be fulfilled."""
    return OrderCancelled.model_validate(
        {
            "order_id": order.id,
            "customer_id": order.customer_id,
            "reason": str(order.cancel_reason),
            "cancelled_at": order.ended_at,
        }
    )


def order_completed(order: Order) -> OrderCompleted:
    """The fact that the customer has the goods."""
    assert order.ended_at is not None
    return OrderCompleted(order_id=order.id, customer_id=order.customer_id, completed_at=order.ended_at)


def order_amended(order: Order, previous_total: int, fields: Sequence[str], by: str, reason: str, at: datetime) -> OrderAmended:
    """The fact that ``order`` was changed to what it is now."""
    return OrderAmended.model_validate(
        {
            "order_id": order.id,
            "revision": order.revision,
            "changed_fields": list(fields),
            "previous_total": previous_total,
            "new_total": order.total,
            "currency": order.currency,
            "amended_by": by,
            "reason": reason or None,
            "amended_at": at,
        }
    )


def delivery_address_changed(
    order: Order, address: NewDeliveryAddress, previous_postal_code: str, by: str, at: datetime
) -> OrderDeliveryAddressChanged:
    """The fact that ``order`` goes somewhere else."""
    return OrderDeliveryAddressChanged(
        order_id=order.id,
        address_revision=order.address_revision,
        previous_postal_code=previous_postal_code,
        delivery_address=address,
        changed_by=by,
        changed_at=at,
    )


def order_archived(order: Order, entry: OrderArchive) -> OrderArchived:
    """The fact that ``order`` is kept elsewhere."""
    return OrderArchived.model_validate(
        {
            "order_id": order.id,
            "terminal_status": str(order.terminal_status),
            "retention_category": str(entry.category),
            "archive_reference": entry.reference,
            "record_checksum": entry.checksum,
            "terminal_at": order.ended_at,
            "archived_at": entry.archived_at,
        }
    )


def fulfilment_started(order: Order, pieces: int, at: datetime, dispatch_at: datetime) -> OrderFulfilmentStarted:
    """The fact that the warehouse may pick ``order`` now; ``pieces`` counts all of its goods."""
    return OrderFulfilmentStarted.model_validate(
        {
            "order_id": order.id,
            "fulfilment_id": order.fulfilment_id,
            "warehouse_id": order.warehouse_id,
            "item_count": pieces,
            "priority": order.priority,
            "delivery_method": order.delivery_method,
            "estimated_dispatch_at": dispatch_at,
            "started_at": at,
        }
    )


def placed_on_hold(hold: OrderHold) -> OrderPlacedOnHold:
    """The fact that ``hold`` stops its order."""
    return OrderPlacedOnHold.model_validate(
        {
            "order_id": hold.order_id,
            "hold_id": hold.id,
            "reason": str(hold.reason),
            "owner_team": hold.owner_team,
            "customer_message": hold.customer_message or None,
            "review_by": hold.review_by,
            "placed_at": hold.placed_at,
        }
    )


def hold_released(hold: OrderHold, next_status: str) -> OrderHoldReleased:
    """The fact that the last open hold is closed and the order goes on with ``next_status``."""
    return OrderHoldReleased.model_validate(
        {
            "order_id": hold.order_id,
            "hold_id": hold.id,
            "previous_reason": str(hold.reason),
            "resolution": hold.resolution,
            "released_by": hold.released_by,
            "next_status": next_status,
            "released_at": hold.released_at,
        }
    )
