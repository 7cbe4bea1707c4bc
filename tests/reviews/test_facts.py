"""What the database tells screening: likes, authors, purchases, and how much that costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from config.switchboard import EVENTS
from ordering.orders.models import Order, OrderLine
from reviews.models import ModerationDecision, Purchase, Review, ReviewFlag
from shop.contracts.base import Event
from shop.contracts.ordering.events import OrderCompleted
from shop.contracts.reviews import ReviewFlagged, ReviewPublished, ReviewSubmitted
from shop.messaging.bus import publish, unit_of_work
from shop.messaging.envelope import Envelope
from tests.reviews.desk import (
    ANGRY,
    FINE,
    NOW,
    SPAM,
    approve,
    assert_sound,
    flag,
    product,
    reviewed,
    state_of,
    submit,
    words,
    work,
)

pytestmark = pytest.mark.django_db

FEW, MANY = 5, 50
PRAISE = "Wonderful thing, changed my kitchen completely, everybody who visits asks where I got it from."


@pytest.fixture(autouse=True)
def _words() -> None:
    words()


def kinds_of(review: Review) -> set[str]:
    """What the last decision noticed."""
    return {signal["kind"] for signal in ModerationDecision.objects.filter(review=review).latest("id").signals}


def bought(customer: UUID, *products: UUID) -> UUID:
    """An order of these that has arrived; its id."""
    order = Order.objects.create(
        id=uuid7(), confirmation_number=f"ORD-{Order.objects.count():08d}", customer_id=customer, cart_id=uuid7(),
        checkout_session_id=uuid7(), subtotal=100, total=100, currency="EUR", delivery_method="HOME_DELIVERY",
        priority="STANDARD",
    )  # fmt: skip
    OrderLine.objects.bulk_create(
        [
            OrderLine(order=order, position=i, product_id=one, sku=f"S{i}", name="Thing", quantity=1, unit_price=100)
            for i, one in enumerate(products, start=1)
        ]
    )
    return order.pk


def completed(*orders: tuple[UUID, UUID]) -> None:
    """These orders of these customers have arrived, and the reviews department has heard of it."""
    with unit_of_work():
        for order_id, customer in orders:
            publish(OrderCompleted(order_id=order_id, customer_id=customer, completed_at=NOW))
    work()


def test_who_has_bought_is_fast_tracked_and_marked():
    ada, lamp, desk = uuid7(), product(), product()
    order = bought(ada, lamp, desk)

    completed((order, ada), (order, ada))
    shouted = reviewed(lamp, "LOVELY LAMP, LOVELY LIGHT!!! Pictures: https://a.example.org/1 YES!!!", customer=ada)

    assert (shouted.state, shouted.verified) == ("PUBLISHED", True)
    assert "verified purchase" in kinds_of(shouted)
    assert Purchase.objects.count() == 2
    assert reviewed(lamp, "LOVELY LAMP, LOVELY LIGHT!!! Pictures: https://a.example.org/1 OH YES!!!").state == "QUEUED"


def test_a_review_written_before_the_order_arrived_is_marked_afterwards():
    ada, lamp = uuid7(), product()
    review = reviewed(lamp, customer=ada)
    order = bought(ada, lamp)

    completed((order, ada))

    assert Review.objects.get(pk=review.pk).verified
    assert_sound()


def test_a_copy_waits_the_original_does_not():
    lamp, other = product(), product()
    original = reviewed(lamp, PRAISE)
    same_product = reviewed(lamp, PRAISE.replace("kitchen", "kitchens"))
    elsewhere = reviewed(other, PRAISE.upper())

    assert (original.state, same_product.state, elsewhere.state) == ("PUBLISHED", "QUEUED", "QUEUED")
    assert "copy" in kinds_of(same_product)
    assert kinds_of(original) == set()


def test_pasting_the_same_text_under_many_products_is_noticed():
    ada = uuid7()

    states = [reviewed(product(), PRAISE, customer=ada).state for _ in range(3)]

    assert states == ["PUBLISHED", "QUEUED", "QUEUED"]


def test_what_is_like_something_rejected_goes_with_it():
    reviewed(product(), SPAM)

    again = reviewed(product(), SPAM.replace("double", "triple"))

    assert again.state == "REJECTED"
    assert "duplicate" in kinds_of(again)
    assert_sound()


def test_short_texts_are_nobodys_copy():
    states = {reviewed(product(), "Great product, thank you!").state for _ in range(4)}

    assert states == {"PUBLISHED"}


def test_many_reviews_within_an_hour_and_earlier_rejections_are_noticed():
    ada, bob = uuid7(), uuid7()
    for number in range(6):
        last = reviewed(product(), f"Number {number} is {'nice' if number % 2 else 'sturdy'}.", customer=ada)
    reviewed(product(), SPAM, customer=bob)

    assert "velocity" in kinds_of(last)
    assert "history" in kinds_of(reviewed(product(), FINE, customer=bob))


def test_who_cries_wolf_counts_less():
    ada = uuid7()
    for body in (FINE, PRAISE, "Bright enough to read by, sturdy foot, and it came well packed."):
        review = reviewed(product(), body)
        flag(review.pk, by=ada)
        approve(review.pk)
    work()
    target = reviewed(product(), "Quiet, light, easy to clean, and the lid closes tightly.")

    flag(target.pk, by=ada)
    work()

    assert state_of(target.pk) == "PUBLISHED"
    assert Review.objects.get(pk=target.pk).flag_count == 1
    flag(target.pk)
    work()
    assert state_of(target.pk) == "FLAGGED"
    assert_sound()


def test_words_added_later_bring_a_person_when_it_is_flagged():
    bought_by = uuid7()
    lamp = product()
    completed((bought(bought_by, lamp), bought_by))
    review = reviewed(lamp, "This is a frobnicated lamp.", customer=bought_by)
    flag(review.pk)
    work()
    assert state_of(review.pk) == "PUBLISHED"

    flag(review.pk)
    work()

    assert state_of(review.pk) == "FLAGGED"


def statements(handler: Callable[[Sequence[Envelope[Any]]], Any], messages: Sequence[Event]) -> list[str]:
    """What one batch sends to the database, its own messages included."""
    batch = [Envelope(uuid7(), message, uuid7(), None, "system", NOW) for message in messages]
    with CaptureQueriesContext(connection) as captured, unit_of_work():
        handler(batch)
    return [query["sql"][:80] for query in captured.captured_queries]


def many(number: int, **fields: Any) -> list[Review]:
    """So many reviews, written straight into the table."""
    lamp = uuid7()
    made = [
        Review(
            id=uuid7(),
            product_id=lamp,
            customer_id=uuid7(),
            rating=4,
            body=ANGRY if i % 2 else FINE,
            essence=f"{i}" * 50,
            **fields,
        )
        for i in range(number)
    ]
    return Review.objects.bulk_create(made)


def submitted(review: Review) -> ReviewSubmitted:
    return ReviewSubmitted(
        review_id=review.pk, product_id=str(review.product_id), customer_id=str(review.customer_id), rating=4, submitted_at=NOW
    )


def test_screening_fifty_costs_what_five_cost():
    handler: Any = EVENTS[ReviewSubmitted][0]

    few = statements(handler, [submitted(one) for one in many(FEW)])
    more = statements(handler, [submitted(one) for one in many(MANY)])

    assert len(more) <= len(few) <= 11, more
    assert Review.objects.filter(state="SUBMITTED").count() == 0


def test_counting_fifty_costs_what_five_cost():
    handler: Any = EVENTS[ReviewPublished][0]

    def published(number: int) -> list[ReviewPublished]:
        made = many(number, state="PUBLISHED", published_at=NOW)
        return [ReviewPublished(review_id=one.pk, product_id=str(one.product_id), rating=4, published_at=NOW) for one in made]

    few, more = statements(handler, published(FEW)), statements(handler, published(MANY))

    assert len(more) <= len(few) <= 8, more


def test_screening_fifty_flags_costs_what_five_cost():
    handler: Any = EVENTS[ReviewFlagged][0]

    def reported(number: int) -> list[ReviewFlagged]:
        made = many(number, state="FLAGGED", published_at=NOW, waiting_since=NOW, flag_count=1)
        ReviewFlag.objects.bulk_create([ReviewFlag(review=one, flagged_by=uuid7(), reason="spam") for one in made])
        return [ReviewFlagged(review_id=one.pk, product_id=str(one.product_id), reason="spam", flagged_at=NOW) for one in made]

    few, more = statements(handler, reported(FEW)), statements(handler, reported(MANY))

    assert len(more) <= len(few) <= 12, more


def test_what_was_decided_meanwhile_is_left_alone():
    review_id = submit(product(), SPAM)
    approve(review_id)

    work()

    assert state_of(review_id) == "PUBLISHED"
    assert_sound()


def test_a_report_whose_approval_ran_out_before_it_was_looked_at_brings_a_person():
    review = reviewed(product(), ANGRY)
    approve(review.pk)
    flag(review.pk)
    Review.objects.filter(pk=review.pk).update(approved_at=NOW.replace(year=2000))

    work()

    assert state_of(review.pk) == "FLAGGED"
    assert_sound()
