"""Ratings: the same from messages in any order, twice, with crashes, from the database, and with or without Redis."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from uuid_utils.compat import uuid7

from config.switchboard import EVENTS
from reviews.models import RatingSummary, Review
from reviews.ratings import cache
from reviews.ratings.cache import Entry, Rating
from shop.contracts.moderation import RefreshRatings, UndoModeration
from shop.contracts.reviews import RatingUpdated, ReviewPublished, ReviewRejected, ReviewWithdrawn
from shop.messaging.bus import execute, unit_of_work
from shop.messaging.context import acting
from shop.messaging.envelope import Envelope
from shop.messaging.models import Message
from tests.reviews.desk import approve, assert_sound, facts, page, product, rating, reject, reviewed, work

pytestmark = pytest.mark.django_db

CLOSED_PORT = "redis://127.0.0.1:1/0"
KINDS = (ReviewPublished, ReviewRejected, ReviewWithdrawn)


@pytest.fixture(autouse=True)
def _cold() -> Iterator[None]:
    cache.breaker.closed_until = 0.0
    yield
    cache.breaker.closed_until = 0.0


class Crash(Exception):
    """The worker dies before its transaction ends."""


def die(chance: random.Random) -> None:
    if chance.random() < 0.3:
        raise Crash


def moderated(number: int, chance: random.Random) -> list[UUID]:
    """So many reviews of a few products, decided about again and again; the products."""
    products = [uuid7() for _ in range(3)]
    reviews = [
        Review(id=uuid7(), product_id=chance.choice(products), customer_id=uuid7(), rating=chance.randint(1, 5), body="It works.")
        for _ in range(number)
    ]
    Review.objects.bulk_create(reviews)
    for review in reviews:
        for decide in chance.sample((approve, reject, approve, undo), chance.randint(1, 3)):
            try:
                decide(review.pk)
            except Exception as refused:
                if type(refused).__name__ != "Refused":
                    raise
    return products


def undo(review_id: UUID) -> None:
    with acting("staff:mo"):
        execute(UndoModeration(review_id=review_id))


def live(products: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """What is really there to be seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT product_id, count(*), sum(rating) FROM reviews_review WHERE state IN ('PUBLISHED', 'FLAGGED') GROUP BY 1"
        )
        seen = {product: (count, stars) for product, count, stars in cursor.fetchall()}
    return {product: seen.get(product, (0, 0)) for product in products}


def counted(products: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """What the ratings say."""
    rows = {row.product_id: (row.review_count, row.rating_sum) for row in RatingSummary.objects.all()}
    return {product: rows.get(product, (0, 0)) for product in products}


def envelopes() -> list[Envelope[Any]]:
    """Everything that was said about visibility."""
    kinds = {kind.message_name(): kind for kind in KINDS}
    said = Message.objects.filter(name__in=kinds)
    return [
        Envelope(one.id, kinds[one.name].read_data(one.payload), one.correlation_id, None, "system", one.created_at)
        for one in said
    ]


def play(mail: list[Envelope[Any]], chance: random.Random) -> None:
    """Deliver all of it in batches of any size, in any order, some of it twice; some workers die and others begin again."""
    mail = mail + chance.sample(mail, len(mail) // 2)
    chance.shuffle(mail)
    while mail:
        kind = type(mail[0].message)
        size = chance.randint(1, 20)
        batch = [one for one in mail if type(one.message) is kind][:size]
        try:
            with unit_of_work():
                EVENTS[kind][0](batch)  # type: ignore[operator]
                die(chance)
        except Crash:
            chance.shuffle(mail)
            continue
        gone = {id(one) for one in batch}
        mail = [one for one in mail if id(one) not in gone]


@pytest.mark.parametrize("seed", range(4))
def test_rebuilt_from_messages_they_are_the_live_ones(seed: int):
    chance = random.Random(seed)
    products = moderated(40, chance)
    work()
    assert counted(products) == live(products)
    assert any(count for count, _ in live(products).values())
    assert_sound()

    Review.objects.update(counted=False)
    RatingSummary.objects.all().delete()
    play(envelopes(), chance)
    work()

    assert counted(products) == live(products)
    assert_sound()


def test_rebuilt_from_the_database_they_are_right_and_redis_is_told(capsys: pytest.CaptureFixture[str]):
    products = moderated(30, random.Random(9))
    work()
    right = live(products)
    RatingSummary.objects.filter(product_id=products[0]).update(five=999, version=7, cached_version=7)
    RatingSummary.objects.filter(product_id=products[1]).delete()
    Review.objects.filter(product_id=products[2]).update(counted=False)
    cache.put([Entry(products[0], 10_000, Rating(999, 4_995), force=True)])

    call_command("rebuild_ratings", chunk=2)

    assert "3 products counted, 2 corrected" in capsys.readouterr().out
    assert counted(products) == right
    assert {product: (found.count, found.sum) for product in products if (found := cache.read(product))} == right
    work()
    assert_sound()
    call_command("rebuild_ratings")
    assert "3 products counted, 0 corrected" in capsys.readouterr().out


def test_readers_get_the_same_from_redis_without_it_and_from_an_empty_one(settings: Any):
    lamp = product()
    reviewed(lamp, rating=5)
    reviewed(lamp, "Bright enough to read by, sturdy foot, and it came well packed.", rating=2)
    told = cache.read(lamp)
    assert told == Rating(2, 7)
    assert (page(lamp).total, page(lamp).average_rating) == (2, 3.5)

    cache.client().delete(cache.key_of(lamp))
    assert (page(lamp).total, page(lamp).average_rating) == (2, 3.5)
    cache.client().hset(cache.key_of(lamp), mapping={"count": "many", "sum": "\x00"})
    assert (page(lamp).total, page(lamp).average_rating) == (2, 3.5)
    cache.breaker.closed_until = 0.0
    cache.client().set(cache.key_of(lamp), "no hash") if cache.client().delete(cache.key_of(lamp)) else None
    assert (page(lamp).total, page(lamp).average_rating) == (2, 3.5)
    cache.client().delete(cache.key_of(lamp))
    cache.breaker.closed_until = 0.0
    settings.REDIS_URL = CLOSED_PORT
    assert (page(lamp).total, page(lamp).average_rating) == (2, 3.5)
    assert cache.breaker.open


def test_what_redis_missed_it_is_told_later(settings: Any):
    lamp, there = product(), settings.REDIS_URL
    settings.REDIS_URL = CLOSED_PORT
    reviewed(lamp, rating=5)
    assert rating(lamp) == (1, 5.0)
    assert RatingSummary.objects.get().cached_version < RatingSummary.objects.get().version

    settings.REDIS_URL = there
    cache.breaker.closed_until = 0.0
    assert cache.read(lamp) is None
    execute(RefreshRatings())

    assert cache.read(lamp) == Rating(1, 5)
    assert RatingSummary.objects.get().cached_version == RatingSummary.objects.get().version
    assert_sound()


def test_redis_only_goes_forwards():
    lamp = uuid7()

    assert cache.put([Entry(lamp, 5, Rating(2, 9))])
    assert cache.put([Entry(lamp, 4, Rating(1, 4))])
    assert cache.read(lamp) == Rating(2, 9)
    assert cache.put([Entry(lamp, 4, Rating(1, 4), force=True)])

    assert cache.read(lamp) == Rating(1, 4)


def test_every_change_is_told_to_the_search_in_the_order_of_versions():
    lamp = product()
    first = reviewed(lamp, rating=5)
    reviewed(lamp, "Bright enough to read by, sturdy foot, and it came well packed.", rating=2)
    reject(first.pk)
    work()

    assert [(fact.review_count, fact.average_rating) for fact in facts(RatingUpdated)] == [(1, 5.0), (2, 3.5), (1, 2.0)]
    sequences = Message.objects.filter(name="RatingUpdated").order_by("id").values_list("sequence", flat=True)
    assert list(sequences) == [1, 2, 3]
