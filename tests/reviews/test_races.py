"""At the same time: two submissions, two moderators, many voters, flags against decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from uuid_utils.compat import uuid7

from reviews.models import ModerationDecision, RatingSummary, Review
from shop.messaging.errors import Refused
from tests.reviews.desk import ANGRY, FINE, approve, assert_sound, flag, product, reject, reviewed, submit, vote, words, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _words() -> None:
    words()


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What came of each, refusals included, all begun together."""
    barrier = Barrier(len(deeds))

    def go(deed: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=10)
            return deed()
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(go, deeds))


def refusals(results: Sequence[Any]) -> list[str]:
    return sorted(result for result in results if isinstance(result, str))


def test_one_review_per_customer_and_product_whoever_is_first():
    lamp, ada = product(), uuid7()

    results = at_once(*[lambda: submit(lamp, customer=ada)] * 6)

    assert refusals(results) == ["already_reviewed"] * 5
    assert Review.objects.count() == 1


def test_of_two_moderators_one_wins():
    review = reviewed(product(), ANGRY)

    results = at_once(
        lambda: approve(review.pk, by="staff:a"),
        lambda: approve(review.pk, by="staff:b"),
        lambda: approve(review.pk, by="staff:c"),
    )

    assert refusals(results) == ["already_published"] * 2
    assert ModerationDecision.objects.filter(by_person=True).count() == 1
    work()
    assert_sound()


def test_votes_and_flags_of_many_are_all_counted():
    lamp = product()
    review = reviewed(lamp)
    voters = [lambda: vote(review.pk) for _ in range(8)]
    reporters = [lambda: flag(review.pk) for _ in range(8)]

    at_once(*voters, *reporters)
    work()

    found = Review.objects.get()
    assert (found.helpful_count, found.flag_count, found.state) == (8, 8, "FLAGGED")
    assert_sound()


def test_ratings_of_one_product_are_right_whoever_counts_them_when():
    lamp = product()
    ids = [submit(lamp, f"{FINE} {number} {uuid7()}") for number in range(12)]

    at_once(*[lambda one=one: approve(one) for one in ids[:6]], *[work] * 3)
    at_once(*[lambda one=one: reject(one) for one in ids[:3]], *[work] * 3)
    work()

    seen = Review.objects.filter(state__in=("PUBLISHED", "FLAGGED")).count()
    assert RatingSummary.objects.get().review_count == seen
    assert_sound()
