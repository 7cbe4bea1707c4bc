"""Promotions over HTTP: what a cart would be let off. A quote only; it holds nothing."""

from __future__ import annotations

from shop.contracts.shopping import CalculateDiscount
from shop.http.permissions import Public, no_such_customer
from shop.http.views import CommandView


class CalculateDiscountView(CommandView):
    """``POST /discounts/calculate``: for nobody in particular, or for the customer who is logged in."""

    command = CalculateDiscount
    also = (404,)
    permission_classes = (Public,)

    def authorise(self, message: CalculateDiscount) -> None:
        """Raises ``Missing`` for a quote in somebody else's name: it would tell what they have bought."""
        if message.customer_id not in (None, self.principal.customer_id):
            raise no_such_customer()
