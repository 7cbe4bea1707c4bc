"""A checkout over HTTP: its own customer follows it, staff and services see all of them."""

from __future__ import annotations

from ordering.checkout.queries import customer_of, no_such_checkout
from shop.contracts.ordering import GetCheckout
from shop.http.permissions import IsCustomer, IsStaffOrService
from shop.http.views import QueryView


class GetCheckoutView(QueryView):
    """How a checkout stands, from the moment the cart was checked out."""

    query = GetCheckout
    permission_classes = (IsCustomer | IsStaffOrService,)

    def authorise(self, message: GetCheckout) -> None:
        own = self.principal.customer_id
        if own is not None and customer_of(message.checkout_session_id) != own:
            raise no_such_checkout()
