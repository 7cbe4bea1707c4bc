"""A product's reviews for readers: sorted, paged from either end, by index alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from reviews.models import Review
from reviews.submissions.pages import ORDERS, PAGE, rows_of
from tests.reviews.desk import NOW, page

pytestmark = pytest.mark.django_db

SIZE = 7
KEYS: dict[str, Any] = {
    "newest": lambda one: (-one.published_at.timestamp(), -one.pk.int),
    "highest": lambda one: (-one.rating, -one.published_at.timestamp(), -one.pk.int),
    "lowest": lambda one: (one.rating, -one.published_at.timestamp(), -one.pk.int),
    "most_helpful": lambda one: (-one.helpful_count, -one.published_at.timestamp(), -one.pk.int),
}


@pytest.fixture
def lamp() -> UUID:
    """A product with 40 reviews that can be seen, some at the same moment, and others that cannot."""
    lamp = uuid7()
    seen = [
        Review(
            id=uuid7(), product_id=lamp, customer_id=uuid7(), rating=1 + i % 5, body=f"Number {i}", helpful_count=i % 4,
            state="FLAGGED" if i % 9 == 0 else "PUBLISHED", published_at=NOW + timedelta(minutes=i // 3),
            waiting_since=NOW if i % 9 == 0 else None,
        )
        for i in range(40)
    ]  # fmt: skip
    hidden = [Review(id=uuid7(), product_id=lamp, customer_id=uuid7(), rating=5, body="hidden", state="REJECTED")]
    others = [Review(id=uuid7(), product_id=uuid7(), customer_id=uuid7(), rating=5, state="PUBLISHED", published_at=NOW)]
    Review.objects.bulk_create([*seen, *hidden, *others])
    return lamp


def in_order(lamp: UUID, sort: str) -> list[UUID]:
    return [one.pk for one in sorted(Review.objects.filter(product_id=lamp, state__in=("PUBLISHED", "FLAGGED")), key=KEYS[sort])]


@pytest.mark.parametrize("sort", ORDERS)
def test_the_pages_together_are_everything_in_order(lamp: UUID, sort: str):
    for total in (40, 0, 37, 45):  # also while the rating lags behind, in either direction
        pages = [rows_of(lamp, sort, number, SIZE, total) for number in range(1, 8)]
        if total == 40:
            assert [row[0] for rows in pages for row in rows] == in_order(lamp, sort)
        assert [row[0] for row in pages[0]] == in_order(lamp, sort)[:SIZE]


@pytest.mark.parametrize("sort", ORDERS)
def test_each_order_is_one_index_in_both_directions(sort: str):
    order = ORDERS[sort]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        for direction in (order.forwards, order.backwards):
            sql = PAGE.format(order=direction, forwards=", ".join(f"r.{part.strip()}" for part in order.forwards.split(",")))
            cursor.execute(f"EXPLAIN {sql}", [uuid7(), 10, 20])
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert f"using review_{sort}" in plan, plan
            assert plan.count("Sort") <= plan.count("Sort Key") + 1


def test_a_page_behind_the_end_is_empty_and_costs_nothing(lamp: UUID):
    with CaptureQueriesContext(connection) as asked:
        assert page(lamp, page=2**31 - 1, page_size=100).results == []
    assert len(asked) <= 1
    assert page(uuid7()).results == []


def test_no_page_counts_rows(lamp: UUID):
    with CaptureQueriesContext(connection) as asked:
        page(lamp, sort="highest")
    assert len(asked) <= 2
    assert not [query for query in asked.captured_queries if "count(" in query["sql"].lower()]
