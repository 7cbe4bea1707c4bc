"""The rating of a product for readers: Redis first, the database whenever that does not say."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from reviews.ratings import cache
from reviews.ratings.cache import Rating
from shop.messaging.sets import fetch_rows

DURABLE: Final = "SELECT review_count, rating_sum FROM reviews_ratingsummary WHERE product_id = %s"


def rating_of(product_id: UUID) -> Rating:
    """How many published reviews the product has and what they come to; never counted from the reviews themselves."""
    return cache.read(product_id) or durable_rating_of(product_id)


def durable_rating_of(product_id: UUID) -> Rating:
    """The same from the database alone."""
    found = fetch_rows(DURABLE, [product_id])
    return Rating(*found[0]) if found else Rating(0, 0)
