"""What carts tell about themselves."""

from __future__ import annotations

from shop.carts.answers import view_of
from shop.carts.models import Cart
from shop.carts.pricing import products_of
from shop.carts.states import CartState
from shop.contracts.shopping import CartView, CheckedOutCartView, GetCart, GetCheckedOutCart
from shop.messaging.errors import Missing


def no_such_cart() -> Missing:
    """The one answer for a cart that never was or is somebody else's."""
    return Missing("cart_not_found", "There is no such cart.")


def get_cart(query: GetCart) -> CartView:
    """The cart with today's prices, or with the frozen ones once it is checked out. Raises ``Missing`` (404)."""
    cart = Cart.objects.filter(pk=query.cart_id).first()
    if cart is None:
        raise no_such_cart()
    items = list(cart.items.order_by("pk"))
    frozen = cart.status == CartState.CHECKED_OUT
    return view_of(cart, items, {} if frozen else products_of([item.product_id for item in items]))


def get_checked_out_cart(query: GetCheckedOutCart) -> CheckedOutCartView:
    """Whose cart began this checkout, and when. Raises ``Missing`` (404)."""
    cart = Cart.objects.filter(checkout_session_id=query.checkout_session_id).first()
    if cart is None:
        raise no_such_cart()
    return CheckedOutCartView.model_validate(
        {"cart_id": cart.id, "customer_id": cart.customer_id, "checked_out_at": cart.checked_out_at}
    )
