"""What moderators see of authors and decisions beside a review, fetched for whole pages at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from reviews.moderation.models import ModerationDecision
from reviews.submissions.models import Review
from shop.messaging.sets import fetch_rows

AUTHORS: Final = """
    SELECT c, published, rejected, waiting FROM unnest(%s::uuid[]) AS c CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE state IN ('PUBLISHED', 'FLAGGED')) AS published,
               count(*) FILTER (WHERE state = 'REJECTED') AS rejected,
               count(*) FILTER (WHERE state IN ('SUBMITTED', 'QUEUED')) AS waiting
        FROM (SELECT state FROM reviews_review WHERE customer_id = c ORDER BY submitted_at DESC LIMIT 500) AS latest
    ) AS counted
"""
LATEST: Final = """
    SELECT d.id FROM unnest(%s::uuid[]) AS r CROSS JOIN LATERAL (
        SELECT id FROM reviews_moderationdecision WHERE review_id = r ORDER BY id DESC LIMIT 1
    ) AS d
"""
SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Author:
    """How many of an author's latest 500 reviews are where."""

    published: int = 0
    rejected: int = 0
    waiting: int = 0

    @property
    def in_words(self) -> str:
        """For a list: what there is, and nothing about what there is not."""
        counts = ((self.published, "published"), (self.rejected, "rejected"))
        return ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing else yet"


NOBODY: Final = Author()


def authors(ids: Collection[UUID | None]) -> dict[UUID, Author]:
    """Of these customers, in one statement."""
    wanted = sorted({one for one in ids if one is not None})
    return {customer: Author(*counts) for customer, *counts in fetch_rows(AUTHORS, [wanted])} if wanted else {}


def latest_decisions(ids: Sequence[UUID]) -> dict[UUID, ModerationDecision]:
    """The last decision about each of these reviews, in two statements."""
    found = [decision for (decision,) in fetch_rows(LATEST, [list(ids)])] if ids else []
    return {one.review_id: one for one in ModerationDecision.objects.filter(pk__in=found)}


def other_reviews(review: Review) -> list[Any]:
    """The author's latest other reviews."""
    if review.customer_id is None:
        return []
    others = Review.objects.filter(customer_id=review.customer_id).exclude(pk=review.pk)
    return list(others.order_by("-submitted_at")[:SHOWN])


def found_in_words(decision: ModerationDecision | None, most: int = 2) -> str:
    """The strongest signals against a review, as one line."""
    if decision is None:
        return "Not screened yet."
    against = sorted((one for one in decision.signals if one["points"] > 0), key=lambda one: -one["points"])
    return " ".join(one["words"] for one in against[:most]) or "Nothing speaks against it."
