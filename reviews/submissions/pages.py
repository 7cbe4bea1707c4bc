"""One page of a product's published reviews, by index alone.

A page far from the beginning is found from the nearer end: the ids of everything before it are read from an index, in whichever
direction is shorter, and only the page's own rows from the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from shop.messaging.sets import fetch_rows

# How many more there may be than the rating counts: what was published in the last moments.
NOT_YET_COUNTED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Order:
    """A sort order, and the same backwards. Each is one partial index, read in one of its directions."""

    forwards: str
    backwards: str


ORDERS: Final = {
    "newest": Order("published_at DESC, id DESC", "published_at, id"),
    "highest": Order("rating DESC, published_at DESC, id DESC", "rating, published_at, id"),
    "lowest": Order("rating, published_at DESC, id DESC", "rating DESC, published_at, id"),
    "most_helpful": Order("helpful_count DESC, published_at DESC, id DESC", "helpful_count, published_at, id"),
}
PAGE: Final = """
    SELECT r.id, r.product_id, r.rating, r.title, r.body, r.helpful_count, r.published_at FROM (
        SELECT id FROM reviews_review WHERE product_id = %s AND state IN ('PUBLISHED', 'FLAGGED')
        ORDER BY {order} OFFSET %s LIMIT %s
    ) page JOIN reviews_review r ON r.id = page.id ORDER BY {forwards}
"""


def rows_of(product_id: UUID, sort: str, page: int, size: int, total: int) -> list[tuple[Any, ...]]:
    """The rows of one page; none behind the end. ``total`` is how many there are in all, or nearly."""
    order, start = ORDERS[sort], (page - 1) * size
    if start >= total + NOT_YET_COUNTED:
        return []
    forwards = ", ".join(f"r.{part.strip()}" for part in order.forwards.split(","))
    from_the_end = total - start - size
    if start > total // 2 and from_the_end >= 0:
        return fetch_rows(PAGE.format(order=order.backwards, forwards=forwards), [product_id, from_the_end, size])
    return fetch_rows(PAGE.format(order=order.forwards, forwards=forwards), [product_id, start, size])
