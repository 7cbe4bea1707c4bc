"""Reporting a review. Who reports, counts once; what a person has just approved, stays approved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from reviews.submissions.models import Review
from reviews.submissions.states import ReviewState
from reviews.submissions.submitting import customer_of
from reviews.throttling import require_room
from shop.contracts.reviews import FlagReview, ReviewFlagged
from shop.messaging.bus import publish
from shop.messaging.errors import Missing, Refused
from shop.messaging.sets import insert_rows, locked

COLUMNS: Final = (("review_id", "uuid"), ("flagged_by", "uuid"), ("reason", "text"), ("notes", "text"))
ONCE: Final = "ON CONFLICT DO NOTHING RETURNING id"


def seen_review(review_id: UUID) -> Any:
    """The review as everybody sees it, locked, with ``now``. Raises ``Missing`` for one that is not to be seen."""
    found = locked(Review, [review_id], extra="now() AS now")
    if not found or not found[0].seen:
        raise Missing("review_not_found", "There is no such review.")
    return found[0]


def flag(command: FlagReview) -> Review:
    """Write the report down and have the review looked at again. The same customer's second report changes nothing.

    Raises ``Missing`` for a review that cannot be seen, ``Refused`` for one's own, or for too many reports in an hour.
    """
    customer = customer_of(command.flagged_by)
    require_room("reviews_reviewflag", "flagged_by", "flagged_at", customer, settings.REVIEW_FLAGS_PER_CUSTOMER_PER_HOUR)
    review = seen_review(command.review_id)
    if review.customer_id == customer:
        raise Refused("own_review", "This is your own review.")
    row = (review.pk, customer, command.reason, (command.notes or "").strip())
    if insert_rows("reviews_reviewflag", COLUMNS, [row], tail=ONCE):
        _mark(review)
        publish(
            ReviewFlagged(
                review_id=review.pk,
                product_id=str(review.product_id),
                reason=command.reason,
                flag_count=review.flag_count,
                flagged_at=review.now,
            )
        )
    return review


def approval_stands(review: Any) -> bool:
    """Whether a person approved it so recently that reports do not bring it back."""
    if review.approved_at is None:
        return False
    return bool(review.now - review.approved_at < timedelta(hours=settings.REVIEWS_APPROVAL_STANDS_HOURS))


def _mark(review: Any) -> None:
    if review.state == ReviewState.PUBLISHED and not approval_stands(review):
        review.flag(at=review.now)
    review.flag_count += 1
    review.version += 1
    review.updated_at = review.now
    review.save(update_fields=["state", "waiting_since", "flag_count", "version", "updated_at"])
