"""Saying that a review helped, and taking that back. The votes are the truth; the review carries their number."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

from reviews.flags.flagging import seen_review
from reviews.submissions.submitting import customer_of
from reviews.throttling import require_room
from shop.contracts.reviews import HelpfulVotes, ReviewHelpfulVoted, VoteReviewHelpful
from shop.messaging.bus import publish
from shop.messaging.errors import Refused
from shop.messaging.sets import insert_rows, run

COLUMNS: Final = (("review_id", "uuid"), ("customer_id", "uuid"))
ONCE: Final = "ON CONFLICT DO NOTHING RETURNING id"
TAKE_BACK: Final = "DELETE FROM reviews_reviewvote WHERE review_id = %s AND customer_id = %s"


def vote(command: VoteReviewHelpful) -> HelpfulVotes:
    """The number of votes afterwards. Voting twice, or taking back what is not there, changes nothing.

    Raises ``Missing`` for a review that cannot be seen, ``Refused`` for one's own, or for too many votes in an hour.
    """
    customer = customer_of(command.customer_id)
    review = seen_review(command.review_id)
    if review.customer_id == customer:
        raise Refused("own_review", "This is your own review.")
    if command.vote == "helpful":
        require_room("reviews_reviewvote", "customer_id", "voted_at", customer, settings.REVIEW_VOTES_PER_CUSTOMER_PER_HOUR)
        change = len(insert_rows("reviews_reviewvote", COLUMNS, [(review.pk, customer)], tail=ONCE))
    else:
        change = -run(TAKE_BACK, [review.pk, customer])
    if change:
        _count(review, change)
    return HelpfulVotes(review_id=review.pk, helpful_count=review.helpful_count)


def _count(review: Any, change: int) -> None:
    review.helpful_count += change
    review.save(update_fields=["helpful_count"])
    publish(
        ReviewHelpfulVoted(
            review_id=review.pk,
            product_id=str(review.product_id),
            helpful_count=review.helpful_count,
            updated_at=review.now,
        )
    )
