"""The cart with its row lock held: whoever changes a cart begins here, so that changes come one after another."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from shop.carts.models import Cart, CartItem
from shop.carts.queries import no_such_cart
from shop.carts.states import CartState
from shop.messaging.errors import Refused
from shop.messaging.sets import locked as locked_rows
from shop.messaging.sets import select


def locked(cart_id: UUID) -> tuple[Cart, dt.datetime]:
    """The cart and the database's clock. Raises ``Missing`` (404)."""
    found: list[Any] = locked_rows(Cart, [cart_id], extra="now() AS now")
    if not found:
        raise no_such_cart()
    return found[0], found[0].now


def locked_open(cart_id: UUID) -> tuple[Cart, dt.datetime]:
    """The same for a cart that may still be changed. Raises ``Refused`` (409) otherwise."""
    cart, now = locked(cart_id)
    must_be_open(cart)
    return cart, now


def items_of(cart: Cart) -> list[CartItem]:
    """What is in the cart, in the order it was put in."""
    return select(CartItem, "WHERE cart_id = %s ORDER BY id", [cart.pk])


def must_be_open(cart: Cart) -> None:
    """Raises ``Refused`` (409) for a cart that is checked out or abandoned."""
    if cart.status != CartState.OPEN:
        state = CartState(cart.status).label.lower()
        raise Refused("cart_not_open", f"This cart is {state} and can no longer be changed.")
