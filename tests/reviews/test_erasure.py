"""What is left of a customer who was erased, and what they are handed before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from config.switchboard import EVENTS
from reviews.models import Purchase, Review, ReviewFlag, ReviewVote
from shop.contracts.messaging import RedactMessages
from shop.contracts.personal_data import CustomerErased, GetReviewsOfCustomer
from shop.messaging.bus import ask, unit_of_work
from shop.messaging.envelope import Envelope
from shop.messaging.models import Message
from tests.reviews.desk import ANGRY, FINE, NOW, SPAM, assert_sound, facts, flag, page, product, reviewed, vote, words, work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _words() -> None:
    words()


def erase(*customers: UUID) -> None:
    """Deliver the news of these to the reviews department."""
    (handler,) = (one for one in EVENTS[CustomerErased] if "forget_author" in getattr(one, "__name__", ""))
    told = [CustomerErased(event_id=uuid7(), occurred_at=NOW, customer_id=one) for one in customers]
    act: Any = handler
    with unit_of_work():
        act([Envelope(uuid7(), message, uuid7(), None, "system", NOW) for message in told])


def test_published_texts_stay_without_their_author_and_rejected_ones_go():
    ada, lamp, target = uuid7(), product(), reviewed(product(), "Quiet, light, easy to clean.")
    kept, waiting, gone = (
        reviewed(lamp, FINE, customer=ada),
        reviewed(product(), ANGRY, customer=ada),
        reviewed(product(), SPAM, customer=ada),
    )
    assert (kept.state, waiting.state, gone.state) == ("PUBLISHED", "QUEUED", "REJECTED")
    flag(target.pk, by=ada)
    vote(target.pk, by=ada)
    Purchase.objects.create(customer_id=ada, product_id=lamp, order_id=uuid7(), completed_at=NOW)
    work()

    erase(ada, uuid7())
    erase(ada)

    assert not Review.objects.filter(customer_id=ada).exists()
    assert {one.body for one in Review.objects.filter(customer_id=None)} == {FINE, ANGRY, ""}
    assert not ReviewFlag.objects.filter(flagged_by=ada).exists()
    assert not ReviewVote.objects.filter(customer_id=ada).exists()
    assert Purchase.objects.count() == 0
    assert (page(lamp).total, Review.objects.get(pk=target.pk).helpful_count) == (1, 1)
    (asked,) = facts(RedactMessages)
    assert set(asked.keys) == {str(one.pk) for one in (kept, waiting, gone, target)}
    work("shopping")
    said = Message.objects.filter(name__in=("SubmitReview", "ReviewSubmitted"), key__in=[str(one.pk) for one in (kept, gone)])
    assert said.exists()
    assert not [one for one in said if FINE in str(one.payload) or SPAM in str(one.payload)]
    assert_sound()


def test_one_is_handed_everything_one_wrote_page_by_page():
    ada = uuid7()
    made = [reviewed(product(), text, customer=ada) for text in (FINE, ANGRY, SPAM)]
    reviewed(product(), "Somebody else's words about a lamp.")

    first = ask(GetReviewsOfCustomer(customer_id=ada, limit=2)).reviews
    rest = ask(GetReviewsOfCustomer(customer_id=ada, after=first[-1].review_id)).reviews

    assert [one.review_id for one in (*first, *rest)] == [one.pk for one in made]
    assert [one.status for one in (*first, *rest)] == ["published", "submitted", "rejected"]
    assert ask(GetReviewsOfCustomer(customer_id=ada, after=rest[-1].review_id)).reviews == []
    assert ask(GetReviewsOfCustomer(customer_id=uuid7())).reviews == []
