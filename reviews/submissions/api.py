"""Reviews over HTTP: everybody reads them, customers write them in their own name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shop.contracts.reviews import GetProductReviews, SubmitReview
from shop.http.permissions import IsCustomer, Public, no_such_customer
from shop.http.views import CommandView, QueryView


class OwnCommandView(CommandView):
    """A command in the name of the customer who is logged in. ``own`` is the field that says who, ``when`` the one that says
    when; the first may be left out, the second is the server's whatever was sent."""

    own: str
    when: str
    permission_classes = (IsCustomer,)

    def fill(self, data: dict[str, Any]) -> None:
        """Who asks, unless that was said, and when."""
        data.setdefault(self.own, str(self.principal.customer_id))
        data[self.when] = datetime.now(UTC).isoformat()

    def authorise(self, message: Any) -> None:
        """Raises ``Missing`` for anything in somebody else's name."""
        said = {field.alias: getattr(message, name) for name, field in type(message).model_fields.items()}
        if said[self.own].lower() != str(self.principal.customer_id):
            raise no_such_customer()


class SubmitReviewView(OwnCommandView):
    """``POST /products/{productId}/reviews``: accepted, and seen by others once it was screened."""

    command = SubmitReview
    own, when = "customerId", "submittedAt"
    filled = ("submittedAt",)
    also = (404, 409, 429)


class GetProductReviewsView(QueryView):
    """``GET /products/{productId}/reviews``; a product nobody has heard of is a 404."""

    query = GetProductReviews
    also = (404,)
    permission_classes = (Public,)
