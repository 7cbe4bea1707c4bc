"""One function per command of the submissions."""

from __future__ import annotations

from reviews.submissions import submitting
from shop.contracts.reviews import ReviewAccepted, SubmitReview


def submit_review(command: SubmitReview) -> ReviewAccepted:
    """Put a review on record; it is screened later. Publishes ``ReviewSubmitted`` the first time."""
    review = submitting.submit(command)
    return ReviewAccepted.model_validate({"review_id": review.pk, "status": review.status})
