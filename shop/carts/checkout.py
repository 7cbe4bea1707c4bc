"""From an open cart to one that is priced, frozen and handed to its checkout: the steps of that one decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from shop.carts.models import Cart, CartItem
from shop.carts.pricing import Products
from shop.contracts.addresses import Address
from shop.contracts.promotions import HoldPromotionUse
from shop.contracts.shopping import BasketLine, CartCheckedOut, CheckedOutLine, CheckoutCart, DiscountView
from shop.messaging.bus import call, publish
from shop.messaging.outgoing import cause_within
from shop.messaging.sets import Column, columns_of, run

DECIDED: Final = (
    "status",
    "customer_id",
    "checkout_session_id",
    "checked_out_at",
    "subtotal",
    "discount",
    "applied_promotions",
    "version",
    "last_touched_at",
)
FROZEN: Final[tuple[Column, ...]] = (("sku", "text"), ("name", "text"), ("unit_price", "bigint"), ("discount", "bigint"))
FREEZE: Final = f"""
    WITH cart AS (UPDATE shop_cart SET {", ".join(f"{name} = %s" for name in DECIDED)} WHERE id = %s)
    UPDATE shop_cartitem t SET {", ".join(f"{name} = v.{name}" for name, _ in FROZEN)}
    FROM unnest(%s::bigint[], {", ".join(f"%s::{kind}[]" for _, kind in FROZEN)})
         AS v(id, {", ".join(name for name, _ in FROZEN)})
    WHERE t.id = v.id
"""


def held_discount(
    command: CheckoutCart, session_id: UUID, cart: Cart, items: Sequence[CartItem], products: Products, subtotal: int
) -> DiscountView:
    """What promotions let this cart off; their uses are held for the session, and every item
    knows its share. Raises ``Refused`` for a code in vain."""
    lines = [
        BasketLine(
            product_id=item.product_id,
            quantity=item.quantity,
            unit_price=item.unit_price or 0,
            category=products[item.product_id].category,
        )
        for item in items
    ]
    answer: DiscountView = call(
        HoldPromotionUse(
            checkout_session_id=session_id,
            cart_id=cart.id,
            customer_id=command.customer_id,
            items=lines,
            subtotal=subtotal,
            currency=cart.currency,
            promotion_code=command.promotion_code,
        )
    )
    for item, line in zip(items, answer.lines or (), strict=bool(answer.lines)):
        item.discount = line.discount
    return answer


def store(cart: Cart, items: Sequence[CartItem]) -> None:
    """Write the frozen cart and its items: one statement, however many items."""
    rows = [(item.pk, item.sku, item.name, item.unit_price, item.discount) for item in items]
    run(FREEZE, [*(getattr(cart, name) for name in DECIDED), cart.pk, *columns_of(rows, 1 + len(FROZEN))])


def announce(command: CheckoutCart, session_id: UUID, cart: Cart, items: Sequence[CartItem], address: Address | None) -> None:
    """State that the cart is checked out. The session's id is the correlation id of all that follows."""
    subtotal, discount = cart.subtotal or 0, cart.discount or 0
    facts: dict[str, Any] = {
        "event_id": uuid7(),
        "occurred_at": cart.checked_out_at,
        "cart_id": cart.id,
        "customer_id": cart.customer_id,
        "items": [_line(item) for item in items],
        "subtotal": subtotal,
        "discount": discount,
        "total": subtotal - discount,
        "currency": cart.currency,
        "checkout_session_id": session_id,
        "applied_promotions": cart.applied_promotions,
        "delivery_address": address,
        "delivery_method": command.delivery_method,
        "priority": command.priority,
        "payment_method_id": command.payment_method_id,
    }
    publish(CartCheckedOut.model_validate(facts), cause=cause_within(session_id))


def _line(item: CartItem) -> CheckedOutLine:
    return CheckedOutLine(
        product_id=item.product_id,
        quantity=item.quantity,
        unit_price=item.unit_price or 0,
        sku=item.sku,
        name=item.name,
        discount=item.discount or None,
    )
