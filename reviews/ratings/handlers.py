"""One function per command and subscription of the ratings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from reviews.ratings import counting, refreshing
from shop.contracts.moderation import RatingsRebuilt, RebuildRatings
from shop.contracts.reviews import ReviewPublished, ReviewRejected, ReviewWithdrawn
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import Outside, in_batches


@in_batches(50)
def count_review_when_published(batch: Sequence[Envelope[ReviewPublished]]) -> None:
    """It counts towards its product's rating. Publishes ``RatingUpdated``."""
    counting.count({envelope.message.review_id: envelope for envelope in batch})


@in_batches(50)
def count_review_no_longer_when_rejected(batch: Sequence[Envelope[ReviewRejected]]) -> None:
    """It counts no longer, if it ever did. Publishes ``RatingUpdated``."""
    counting.count({envelope.message.review_id: envelope for envelope in batch})


@in_batches(50)
def count_review_no_longer_when_withdrawn(batch: Sequence[Envelope[ReviewWithdrawn]]) -> None:
    """It counts no longer. Publishes ``RatingUpdated``."""
    counting.count({envelope.message.review_id: envelope for envelope in batch})


def rebuild_ratings(command: RebuildRatings) -> RatingsRebuilt:
    """Count one chunk of products anew. Publishes ``RatingUpdated`` for each that was wrong."""
    products, corrected = counting.recount(command.after, command.limit)
    more = products[-1] if len(products) == command.limit else None
    return RatingsRebuilt(products=len(products), corrected=corrected, next=more)


tell_redis_when_rating_updated: Final = Outside(
    name="reviews.ratings.tell_redis_when_rating_updated",
    prepare=refreshing.prepare_updated,
    call=refreshing.call,
    record=refreshing.record,
)
refresh_ratings: Final = Outside(
    name="reviews.ratings.refresh_ratings",
    prepare=refreshing.prepare_behind,
    call=refreshing.call,
    record=refreshing.record,
)
