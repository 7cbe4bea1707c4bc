"""What carts hold about a customer, and what is left of it after an erasure: frozen carts under an id that says nothing."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from shop.carts.answers import view_of
from shop.carts.models import Cart
from shop.carts.pricing import products_of
from shop.carts.states import CartState
from shop.contracts.messaging import RedactMessages
from shop.contracts.personal_data import CartsOfCustomer, CustomerErased, ForgetCarts, GetCartsOfCustomer
from shop.messaging.bus import send
from shop.messaging.sets import fetch_rows

REASON: Final = "Erasure of personal data"
MOST_SHOWN: Final = 200
CHUNK: Final = 200

NEXT: Final = """
    SELECT id, checkout_session_id FROM shop_cart WHERE customer_id = %s AND id > %s ORDER BY id LIMIT %s
"""
FIRST: Final = UUID(int=0)


def get_carts_of_customer(query: GetCartsOfCustomer) -> CartsOfCustomer:
    """A page of carts with their items; those that are not checked out with today's prices."""
    rows = Cart.objects.filter(customer_id=query.customer_id)
    rows = rows.order_by("-created_at") if query.latest else rows.order_by("pk")
    if query.after is not None:
        rows = rows.filter(pk__gt=query.after)
    carts = list(rows.prefetch_related("items")[: min(query.limit, MOST_SHOWN)])
    items = {cart.pk: sorted(cart.items.all(), key=lambda item: item.pk) for cart in carts}
    unpriced = [cart.pk for cart in carts if cart.status != CartState.CHECKED_OUT]
    wanted = sorted({item.product_id for cart_id in unpriced for item in items[cart_id]})
    products = {key: value for at in range(0, len(wanted), CHUNK) for key, value in products_of(wanted[at : at + CHUNK]).items()}
    return CartsOfCustomer(carts=[view_of(cart, items[cart.pk], products) for cart in carts])


def forget_carts_when_customer_erased(event: CustomerErased) -> None:
    """Give up open carts and begin to redact what was said about all of them."""
    for cart in Cart.objects.select_for_update().filter(customer_id=event.customer_id, status=CartState.OPEN).order_by("pk"):
        cart.abandon()
        cart.save(update_fields=["status"])
    send(ForgetCarts(customer_id=event.customer_id))


def forget_carts(command: ForgetCarts) -> None:
    """Have the messages of one chunk of carts redacted, and those of their checkouts; asks itself for the next chunk."""
    rows = fetch_rows(NEXT, [command.customer_id, command.after or FIRST, CHUNK])
    if not rows:
        return
    send(
        RedactMessages(
            customer_id=command.customer_id,
            keys=[str(cart_id) for cart_id, _ in rows],
            correlation_ids=[session_id for _, session_id in rows if session_id is not None],
            reason=REASON,
        )
    )
    if len(rows) == CHUNK:
        send(ForgetCarts(customer_id=command.customer_id, after=rows[-1][0]))
