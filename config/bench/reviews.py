"""How long a page of reviews takes on a product that has very many of them."""

from __future__ import annotations

import time
from random import Random
from typing import Final
from uuid import UUID, uuid4

from django.db import connection

from config.bench.rates import Rate, percentiles
from shop.contracts.reviews import GetProductReviews
from shop.messaging.bus import ask

REVIEWS: Final = 100_000
PER_SORT: Final = 100
PAGE_SIZE: Final = 20
FIRST_PAGES: Final = 5
SORTS: Final = ("newest", "highest", "lowest", "most_helpful")

# Written straight into the table, spread over a year, with texts of a few hundred letters.
FILL: Final = """
    INSERT INTO reviews_review (id, product_id, customer_id, rating, title, body, state, counted, helpful_count, submitted_at,
        published_at)
    SELECT gen_random_uuid(), %(product)s, gen_random_uuid(), 1 + (random() * 4)::int, 'Review ' || n,
        repeat('It works well. ', 20), 'PUBLISHED', true, (random() * random() * 200)::int, now() - n * interval '5 minutes',
        now() - n * interval '5 minutes'
    FROM generate_series(1, %(reviews)s) n
"""
COUNT: Final = """
    INSERT INTO reviews_ratingsummary (product_id, one, two, three, four, five)
    SELECT product_id, count(*) FILTER (WHERE rating = 1), count(*) FILTER (WHERE rating = 2), count(*) FILTER (WHERE rating = 3),
        count(*) FILTER (WHERE rating = 4), count(*) FILTER (WHERE rating = 5) FROM reviews_review GROUP BY product_id
"""


def measure() -> Rate:
    """Pages in every sort order, half of them the first few and half anywhere; milliseconds to the answer as JSON."""
    product = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"product": product, "reviews": REVIEWS})
        cursor.execute(COUNT)
        cursor.execute("VACUUM ANALYZE reviews_review")
    try:
        return _read(product)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE reviews_review, reviews_ratingsummary CASCADE")


def _read(product: UUID) -> Rate:
    chance = Random(1)  # noqa: S311 - the same pages in every run
    times = []
    for number in range(PER_SORT):
        for sort in SORTS:
            last = FIRST_PAGES if number % 2 else REVIEWS // PAGE_SIZE
            query = GetProductReviews(product_id=str(product), page=chance.randint(1, last), page_size=PAGE_SIZE, sort=sort)
            started = time.perf_counter()
            ask(query).payload()
            times.append((time.perf_counter() - started) * 1000)
    p50, p95 = percentiles(times)
    return Rate(1000 * len(times) / sum(times), p50=p50, p95=p95)
