"""Putting a review on record, once per customer and product."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.conf import settings

from reviews.submissions.essence import essence_of
from reviews.submissions.models import Review
from reviews.throttling import require_room
from shop.contracts.products import GetProduct
from shop.contracts.reviews import ReviewSubmitted, SubmitReview
from shop.messaging.bus import ask, publish
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.sets import Column, fetch_rows, insert_rows

COLUMNS: Final[tuple[Column, ...]] = (
    ("id", "uuid"),
    ("product_id", "uuid"),
    ("customer_id", "uuid"),
    ("rating", "smallint"),
    ("title", "text"),
    ("body", "text"),
    ("state", "text"),
    ("essence", "text"),
    ("text_hash", "text"),
)
# Whichever of the two keys is taken, by whomever: what is there is looked at below.
ONCE: Final = "ON CONFLICT DO NOTHING RETURNING submitted_at"
THERE: Final = """
    SELECT id, product_id, customer_id FROM reviews_review
    WHERE id = %(id)s OR (customer_id = %(customer)s AND product_id = %(product)s) ORDER BY id = %(id)s DESC LIMIT 1
"""


def submit(command: SubmitReview) -> Review:
    """The review on record. A repeat with the same id answers with it as it is and changes nothing.

    Raises ``Missing`` for a product nobody can know, ``Invalid`` for an empty text, ``Refused`` for a second review of the same
    product, an id that is taken, or too many in an hour.
    """
    customer, product = customer_of(command.customer_id), product_of(command.product_id)
    there = fetch_rows(THERE, {"id": command.review_id, "customer": customer, "product": product})
    if not there:
        _require_reviewable(product)
        _require_text(command)
        _require_leisure(customer)
        if _write(command, customer, product):
            return Review.objects.get(pk=command.review_id)
        there = fetch_rows(THERE, {"id": command.review_id, "customer": customer, "product": product})
    return _repeated(command, customer, product, *there[0])


def product_of(text: str) -> UUID:
    """The product id that this is. Raises ``Missing``, as for a product that never was."""
    try:
        return UUID(text)
    except ValueError:
        raise no_such_product() from None


def customer_of(text: str) -> UUID:
    """The customer id that this is. Raises ``Missing``."""
    try:
        return UUID(text)
    except ValueError:
        raise Missing("customer_not_found", "There is no such customer.") from None


def no_such_product() -> Missing:
    """The one answer for a product that never was, was deleted, or is a draft."""
    return Missing("product_not_found", "There is no such product.")


def _require_reviewable(product: UUID) -> None:
    """One may write about what is no longer sold, but not about what never was."""
    if ask(GetProduct(product_id=product)).status == "DRAFT":
        raise no_such_product()


def _require_text(command: SubmitReview) -> None:
    if not command.body.strip():
        raise Invalid("invalid", "The request is not valid.", errors={"body": ["Say something about the product."]})


def _require_leisure(customer: UUID) -> None:
    require_room("reviews_review", "customer_id", "submitted_at", customer, settings.REVIEWS_PER_CUSTOMER_PER_HOUR)


def _write(command: SubmitReview, customer: UUID, product: UUID) -> bool:
    title, body = (command.title or "").strip(), command.body.strip()
    essence, text_hash = essence_of(title, body)
    row = (command.review_id, product, customer, command.rating, title, body, "SUBMITTED", essence, text_hash)
    written = insert_rows("reviews_review", COLUMNS, [row], tail=ONCE)
    if written:
        publish(
            ReviewSubmitted(
                review_id=command.review_id,
                product_id=str(product),
                customer_id=str(customer),
                rating=command.rating,
                title=title or None,
                body=body,
                submitted_at=written[0][0],
            )
        )
    return bool(written)


def _repeated(command: SubmitReview, customer: UUID, product: UUID, *there: UUID) -> Review:
    if there == (command.review_id, product, customer):
        return Review.objects.get(pk=command.review_id)
    if there[0] == command.review_id:
        raise Refused("review_id_taken", "This review id is taken; choose another.")
    raise Refused("already_reviewed", "You have reviewed this product already.", data={"reviewId": str(there[0])})
