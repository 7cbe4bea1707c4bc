"""Carts over HTTP. Whoever knows a cart's id may see and fill it; only a customer who is logged in may check out."""

from __future__ import annotations

from typing import Any

from shop.contracts.shopping import AddItemToCart, CheckoutCart, ClaimCart, CreateCart, GetCart, RemoveItemFromCart
from shop.http.permissions import IsCustomer, Public, no_such_customer
from shop.http.views import CommandView, QueryView


class CreateCartView(CommandView):
    """``POST /carts``: anonymous, or for the customer who is logged in."""

    command = CreateCart
    also = (404,)
    permission_classes = (Public,)

    def fill(self, data: dict[str, Any]) -> None:
        """A cart made while logged in belongs to who made it."""
        if self.principal.customer_id is not None:
            data.setdefault("customerId", str(self.principal.customer_id))

    def authorise(self, message: CreateCart) -> None:
        """Raises ``Missing`` for a cart in somebody else's name."""
        if message.customer_id not in (None, self.principal.customer_id):
            raise no_such_customer()


class GetCartView(QueryView):
    """``GET /carts/{cartId}``"""

    query = GetCart
    permission_classes = (Public,)


class AddItemToCartView(CommandView):
    """``POST /carts/{cartId}/items``"""

    command = AddItemToCart
    permission_classes = (Public,)


class RemoveItemFromCartView(CommandView):
    """``DELETE /carts/{cartId}/items/{productId}``"""

    command = RemoveItemFromCart
    permission_classes = (Public,)


class ClaimCartView(CommandView):
    """``POST /carts/{cartId}/claim``: what a login does with ``cartId``, for whoever is logged in already."""

    command = ClaimCart
    permission_classes = (IsCustomer,)
    filled = ("customerId",)

    def fill(self, data: dict[str, Any]) -> None:
        data["customerId"] = str(self.principal.customer_id)


class CheckoutCartView(CommandView):
    """``POST /carts/{cartId}/checkout``: ``customerId`` is the customer who is logged in."""

    command = CheckoutCart
    permission_classes = (IsCustomer,)

    def authorise(self, message: CheckoutCart) -> None:
        """Raises ``Missing`` for a checkout in somebody else's name."""
        if message.customer_id != self.principal.customer_id:
            raise no_such_customer()
