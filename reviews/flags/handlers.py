"""One function per command of the flags."""

from __future__ import annotations

from reviews.flags import flagging
from shop.contracts.reviews import FlagReview, ReviewAccepted


def flag_review(command: FlagReview) -> ReviewAccepted:
    """Report a review. Publishes ``ReviewFlagged``, once per reporter."""
    review = flagging.flag(command)
    return ReviewAccepted.model_validate({"review_id": review.pk, "status": review.status})
