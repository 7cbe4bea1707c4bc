"""Messages that ordering is sent, complete and believable unless a test says otherwise."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from shop.contracts.addresses import Address
from shop.contracts.ordering import CreateOrder, OrderItem
from shop.contracts.shopping import CartCheckedOut, CheckedOutLine

BERLIN = Address(recipient_name="Ada", line1="Allee 1", city="Berlin", postal_code="10115", country_code="DE")


def create_order(**changes: Any) -> CreateOrder:
    """Two cups and a pot: 3,500 less 500, paid and reserved."""
    fields: dict[str, Any] = {
        "cart_id": uuid7(),
        "customer_id": uuid7(),
        "items": [
            OrderItem(product_id=uuid7(), quantity=2, unit_price=1_000, sku="CUP", name="Cup"),
            OrderItem(product_id=uuid7(), quantity=1, unit_price=1_500, sku="POT", name="Pot"),
        ],
        "subtotal": 3_500,
        "discount": 500,
        "total": 3_000,
        "currency": "EUR",
        "payment_authorization_id": "auth_1",
        "order_id": uuid7(),
        "checkout_session_id": uuid7(),
        "reservation_id": uuid7(),
        "payment_id": uuid7(),
        "applied_promotions": ["SPRING"],
        "delivery_address": BERLIN,
        "delivery_method": "HOME_DELIVERY",
        "priority": "STANDARD",
        "fraud_verdict": "pass",
    }
    return CreateOrder.model_validate(fields | changes)


def cart_checked_out(session: UUID | None = None, **changes: Any) -> CartCheckedOut:
    """The same cups and pot, as the cart says them."""
    fields: dict[str, Any] = {
        "event_id": uuid7(),
        "occurred_at": datetime.now(UTC),
        "cart_id": uuid7(),
        "customer_id": uuid7(),
        "items": [
            CheckedOutLine(product_id=uuid7(), quantity=2, unit_price=1_000, sku="CUP", name="Cup"),
            CheckedOutLine(product_id=uuid7(), quantity=1, unit_price=1_500, sku="POT", name="Pot"),
        ],
        "subtotal": 3_500,
        "discount": 500,
        "total": 3_000,
        "currency": "EUR",
        "checkout_session_id": session or uuid7(),
        "applied_promotions": ["SPRING"],
        "delivery_address": BERLIN,
        "payment_method_id": "pm_card",
    }
    return CartCheckedOut.model_validate(fields | changes)
