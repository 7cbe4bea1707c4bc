"""Bringing the rating of a product up to date with what can be seen of its reviews.

Nothing is added up from messages: a message only says which review to look at. Whether it is visible and whether it is counted
are compared under its lock, so messages may come late, twice, or in any order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from reviews.ratings.models import STARS, RatingSummary
from shop.contracts.reviews import RatingUpdated
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.sets import fetch_rows, insert_rows, locked, run, update_rows

VISIBLE: Final = "state IN ('PUBLISHED', 'FLAGGED')"
LOCK_REVIEWS: Final = "SELECT id FROM reviews_review WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
# A statement of its own: it sees what was committed while the locks were waited for.
TURN: Final = f"""
    UPDATE reviews_review SET counted = NOT counted WHERE id = ANY(%s) AND counted <> ({VISIBLE})
    RETURNING id, product_id, rating, counted
"""
COUNT_ANEW: Final = f"""
    SELECT product_id, {", ".join(f"count(*) FILTER (WHERE rating = {stars})" for stars in range(1, 6))}
    FROM reviews_review WHERE product_id = ANY(%s) AND {VISIBLE} GROUP BY product_id
"""
# In key order like everybody who locks reviews, or two of them could wait for each other.
COUNTED_RIGHT: Final = f"""
    UPDATE reviews_review SET counted = NOT counted WHERE id IN (
        SELECT id FROM reviews_review WHERE product_id = ANY(%s) AND counted <> ({VISIBLE}) ORDER BY id FOR UPDATE)
"""
FIGURES: Final = tuple((name, "int") for name in STARS)
EVERY_PRODUCT: Final = """
    SELECT product_id FROM (
        SELECT product_id FROM reviews_ratingsummary WHERE product_id > %(after)s
        UNION SELECT DISTINCT product_id FROM reviews_review WHERE product_id > %(after)s
    ) p ORDER BY product_id LIMIT %(limit)s
"""
NOBODY: Final = UUID(int=0)


def count(causes: Mapping[UUID, Envelope[Any]]) -> None:
    """Count, or count no longer, the reviews with these ids as they are now. Publishes ``RatingUpdated`` per product changed."""
    fetch_rows(LOCK_REVIEWS, [list(causes)])
    changes: dict[UUID, Counter[int]] = defaultdict(Counter)
    cause: dict[UUID, Envelope[Any]] = {}
    for review_id, product_id, rating, counted in fetch_rows(TURN, [list(causes)]):
        changes[product_id][rating] += 1 if counted else -1
        cause[product_id] = causes[review_id]
    if changes:
        summaries = lock_summaries(changes)
        for summary in summaries:
            _add(summary, changes[summary.product_id])
        _write(summaries)
        for summary in summaries:
            publish(_told(summary), cause=cause[summary.product_id], sequence=summary.version)


def lock_summaries(products: Iterable[UUID]) -> list[Any]:
    """The locked summaries of these products in key order, made where there was none, each with ``now``."""
    wanted = sorted(set(products))
    insert_rows("reviews_ratingsummary", (("product_id", "uuid"),), [(one,) for one in wanted], tail="ON CONFLICT DO NOTHING")
    return locked(RatingSummary, wanted, extra="now() AS now")


def recount(after: UUID | None, limit: int) -> tuple[list[UUID], int]:
    """Count the next ``limit`` products anew from their reviews and mistrust what Redis says of them.

    Their ids, and how many were wrong. Reviews are locked before summaries, as everywhere.
    """
    products = [found for (found,) in fetch_rows(EVERY_PRODUCT, {"after": after or NOBODY, "limit": limit})]
    if not products:
        return [], 0
    run(COUNTED_RIGHT, [products])
    summaries = lock_summaries(products)
    right = {product: tuple(stars) for product, *stars in fetch_rows(COUNT_ANEW, [products])}
    wrong = [one for one in summaries if _stars(one) != right.get(one.product_id, (0,) * len(STARS))]
    for summary in wrong:
        for name, figure in zip(STARS, right.get(summary.product_id, (0,) * len(STARS)), strict=True):
            setattr(summary, name, figure)
    _write(wrong)
    for summary in wrong:
        publish(_told(summary), sequence=summary.version)
    run("UPDATE reviews_ratingsummary SET cached_version = -1 WHERE product_id = ANY(%s)", [products])
    return products, len(wrong)


def _stars(summary: RatingSummary) -> tuple[int, ...]:
    return tuple(getattr(summary, name) for name in STARS)


def _add(summary: RatingSummary, change: Counter[int]) -> None:
    for number, name in enumerate(STARS, start=1):
        setattr(summary, name, getattr(summary, name) + change[number])


def _write(summaries: Collection[Any]) -> None:
    for summary in summaries:
        summary.version += 1
    rows = [(one.product_id, *_stars(one), one.version, one.now) for one in summaries]
    columns = (*FIGURES, ("version", "bigint"), ("updated_at", "timestamptz"))
    update_rows("reviews_ratingsummary", ("product_id", "uuid"), columns, rows)


def _told(summary: Any) -> RatingUpdated:
    stars = _stars(summary)
    count = sum(stars)
    total = sum(number * how_many for number, how_many in enumerate(stars, start=1))
    return RatingUpdated(
        product_id=str(summary.product_id),
        average_rating=round(total / count, 2) if count else 0.0,
        review_count=count,
        updated_at=summary.now,
    )
