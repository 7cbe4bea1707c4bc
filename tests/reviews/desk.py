"""Reviews and facts, in the words of the tests."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from uuid_utils.compat import uuid7

from reviews.invariants import review_violations
from reviews.models import DenyWord, ModerationDecision, Review
from reviews.ratings.reading import durable_rating_of
from reviews.screening.words import load_shipped
from shop.contracts.base import Message
from shop.contracts.moderation import ApproveReview, RejectReview
from shop.contracts.reviews import FlagReview, GetProductReviews, ReviewPage, SubmitReview, VoteReviewHelpful
from shop.messaging import models as mail
from shop.messaging.bus import ask, execute
from shop.messaging.context import acting
from tests.catalog.products import product as made_product
from tests.mail import deliver_all

M = TypeVar("M", bound=Message)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FINE = "Solid lamp with a warm light. The cable could be longer, but the switch feels good and it looks nice on my desk."
SPAM = "Make money fast! Contact me on WhatsApp +44 7700 900123 and double your money at bit.ly/rich-now"
ANGRY = "You are all liars and idiots, the handle broke off on day two."


def product() -> UUID:
    """Something that can be reviewed."""
    made: UUID = made_product().product_id
    return made


def words() -> None:
    """The shipped deny words, also after a test that empties every table."""
    load_shipped(DenyWord)


def submit(product_id: UUID, body: str = FINE, *, customer: UUID | None = None, rating: int = 4, **given: Any) -> UUID:
    """A review on record; its id."""
    wanted = {"review_id": uuid7(), "submitted_at": NOW, **given}
    command = SubmitReview(product_id=str(product_id), customer_id=str(customer or uuid7()), rating=rating, body=body, **wanted)
    execute(command)
    return command.review_id


def reviewed(product_id: UUID, body: str = FINE, **given: Any) -> Review:
    """A review that was screened and counted."""
    review_id = submit(product_id, body, **given)
    work()
    return Review.objects.get(pk=review_id)


def flag(review_id: UUID, *, by: UUID | None = None, reason: str = "abuse") -> UUID:
    """A customer reports it; who."""
    who = by or uuid7()
    execute(FlagReview(review_id=review_id, flagged_by=str(who), reason=reason, flagged_at=NOW))
    return who


def vote(review_id: UUID, *, by: UUID | None = None, vote: str = "helpful") -> int:
    """The votes afterwards."""
    said = VoteReviewHelpful(review_id=review_id, customer_id=str(by or uuid7()), vote=vote, voted_at=NOW)
    count: int = execute(said).helpful_count
    return count


def approve(review_id: UUID, by: str = "staff:mo") -> Any:
    """A moderator approves it."""
    with acting(by):
        return execute(ApproveReview(review_id=review_id, note="fine"))


def reject(review_id: UUID, by: str = "staff:mo", reason: str = "spam") -> Any:
    """A moderator rejects it."""
    with acting(by):
        return execute(RejectReview(review_id=review_id, reason=reason, note="no"))


def work(queue: str = "reviews") -> None:
    """Deliver all mail of the department, as a worker does."""
    deliver_all(queues={queue})


def state_of(review_id: UUID) -> str:
    """How a review stands in the database."""
    return str(Review.objects.get(pk=review_id).state)


def decisions_of(review_id: UUID) -> list[tuple[str, str]]:
    """What was decided about it and by whom, the oldest first."""
    rows = ModerationDecision.objects.filter(review_id=review_id).order_by("id")
    return [(row.verdict, row.decided_by) for row in rows]


def page(product_id: UUID, **asked: Any) -> ReviewPage:
    """What readers see."""
    found: ReviewPage = ask(GetProductReviews(product_id=str(product_id), **asked))
    return found


def rating(product_id: UUID) -> tuple[int, float | None]:
    """Count and average as the database has them."""
    found = durable_rating_of(product_id)
    return found.count, found.average


def facts(kind: type[M]) -> list[M]:
    """Everything of this kind that was said, the oldest first."""
    said = mail.Message.objects.filter(name=kind.message_name()).order_by("id")
    return [kind.read(json.dumps(message.payload)) for message in said]


def assert_sound() -> None:
    """No rule is broken, and no mail was given up or left."""
    assert list(review_violations()) == []
    assert list(mail.Delivery.objects.filter(queue="reviews").exclude(status="done").values_list("subscriber", "error")) == []
