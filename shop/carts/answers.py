"""The cart as published: what clients of its queries and commands read."""

from __future__ import annotations

from collections.abc import Sequence

from shop.carts.models import Cart, CartItem
from shop.carts.pricing import Products
from shop.carts.states import CartState
from shop.contracts.shopping import CartLine, CartView, CheckoutAccepted


def view_of(cart: Cart, items: Sequence[CartItem], products: Products) -> CartView:
    """The cart with its lines; one that is not sold now has no price, and then there is no subtotal either."""
    frozen = cart.status == CartState.CHECKED_OUT
    lines = [_frozen_line(item) if frozen else _line(item, products, cart.currency) for item in items]
    prices = [line.unit_price for line in lines]
    known = [price * line.quantity for line, price in zip(lines, prices, strict=True) if price is not None]
    return CartView.model_validate(
        {
            "cart_id": cart.id,
            "status": str(cart.status),
            "customer_id": cart.customer_id,
            "items": lines,
            "currency": cart.currency or None,
            "subtotal": sum(known) if len(known) == len(lines) else None,
            "checkout_session_id": cart.checkout_session_id,
        }
    )


def accepted(cart: Cart) -> CheckoutAccepted:
    """The one answer to every checkout of a cart that is checked out."""
    subtotal, discount = cart.subtotal or 0, cart.discount or 0
    return CheckoutAccepted.model_validate(
        {
            "checkout_session_id": cart.checkout_session_id,
            "cart_id": cart.id,
            "status": "PROCESSING",
            "subtotal": subtotal,
            "discount": discount,
            "total": subtotal - discount,
            "currency": cart.currency,
            "applied_promotions": cart.applied_promotions,
        }
    )


def _frozen_line(item: CartItem) -> CartLine:
    return CartLine(product_id=item.product_id, sku=item.sku, name=item.name, quantity=item.quantity, unit_price=item.unit_price)


def _line(item: CartItem, products: Products, currency: str) -> CartLine:
    product = products.get(item.product_id)
    if product is None or product.currency != currency:
        return CartLine(product_id=item.product_id, quantity=item.quantity)
    return CartLine(
        product_id=item.product_id,
        sku=product.sku,
        name=product.name,
        quantity=item.quantity,
        unit_price=product.price,
    )
