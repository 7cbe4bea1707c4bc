"""What becomes of reviews: published, rejected, read by a person, reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID, uuid4

from config.demo.journeys.journey import Journey, Look
from config.demo.results import Facts, Seen
from config.demo.shopping import Buyer
from config.demo.stage import Stage
from reviews.submissions.models import Review
from shop.contracts.moderation import ApproveReview, DismissReviewFlags
from shop.messaging.bus import execute
from shop.messaging.context import acting

MODERATOR: Final = "staff:demo"
SCREENED_WITHIN: Final = 20.0
HONEST: Final = "Pours without dripping and keeps tea hot for an hour. The handle could be a little wider."
SPAM: Final = "Make money fast from home! Message me on WhatsApp +44 7700 900123 or see bit.ly/rich-quick for the casino bonus."
DOUBTFUL: Final = "Whoever packed this is an idiot and a liar: the box was open. The pot itself is fine."
DISPUTED: Final = "Looks nice, but the glaze chipped in the second week, and I was careful with it."


def write(stage: Stage, product: UUID, text: str, rating: int) -> tuple[Buyer, UUID]:
    """Somebody reviews the product over HTTP; who, and the review's id, once it was screened."""
    (buyer,) = stage.some(1)
    review_id = uuid4()
    stage.door.review(buyer, product, review_id, text, rating)
    stage.until(lambda: state_of(review_id) != "SUBMITTED", SCREENED_WITHIN)
    return buyer, review_id


def state_of(review_id: UUID) -> str:
    """How it stands in the database."""
    return str(Review.objects.get(pk=review_id).state)


def looking(stage: Stage, product: UUID, facts: Callable[[dict[str, Any]], Facts]) -> Look:
    """What readers see, and more; made of the product's public page."""
    return lambda: Seen(facts(stage.door.reviews(product)), 0)


def published(stage: Stage) -> Look:
    """An honest review is on the product's page and in its rating, and its author is told so."""
    product = stage.product("Stoneware teapot", price=4_250, stock=1)
    buyer, review_id = write(stage, product, HONEST, 5)
    told = stage.door.review(buyer, product, review_id, HONEST, 5)
    return looking(
        stage, product, lambda page: {"shown": page["total"], "rating": str(page.get("averageRating")), "author told": told}
    )


def rejected(stage: Stage) -> Look:
    """Advertising goes without anybody having to read it."""
    product = stage.product("Milk jug", price=1_950, stock=1)
    buyer, review_id = write(stage, product, SPAM, 5)
    told = stage.door.review(buyer, product, review_id, SPAM, 5)
    return looking(stage, product, lambda page: {"shown": page["total"], "author told": told})


def approved(stage: Stage) -> Look:
    """An angry review waits, unseen, until a person finds it fair."""
    product = stage.product("Sugar bowl", price=1_650, stock=1)
    _, review_id = write(stage, product, DOUBTFUL, 2)
    waited = f"{state_of(review_id).lower()}, {stage.door.reviews(product)['total']} shown"
    with acting(MODERATOR):
        execute(ApproveReview(review_id=review_id, note="rude, but about the product"))
    return looking(stage, product, lambda page: {"before": waited, "shown": page["total"]})


def flagged(stage: Stage) -> Look:
    """Two customers report a review; it stays to be seen, a person keeps it, and a third report does not bring it back."""
    product = stage.product("Egg cups, set of four", price=2_350, stock=1)
    _, review_id = write(stage, product, DISPUTED, 2)
    first, second, third = stage.some(3)
    for buyer in (first, second):
        stage.door.flag(buyer, review_id, "abuse")
    stage.until(lambda: Review.objects.get(pk=review_id).score >= 60, SCREENED_WITHIN)
    waited = f"{state_of(review_id).lower()}, {stage.door.reviews(product)['total']} shown"
    with acting(MODERATOR):
        execute(DismissReviewFlags(review_id=review_id, note="nothing abusive about it"))
    stage.door.flag(third, review_id, "spam")
    stage.until(lambda: Review.objects.get(pk=review_id).flag_count == 0, SCREENED_WITHIN)
    return looking(
        stage, product, lambda page: {"reported": waited, "shown": page["total"], "afterwards": state_of(review_id).lower()}
    )


JOURNEYS: Final = (
    Journey(
        name="a review, published",
        expected={"shown": 1, "rating": "5.0", "author told": "published"},
        orders=0,
        play=published,
    ),
    Journey(name="a review that is spam", expected={"author told": "rejected"}, orders=0, play=rejected),
    Journey(
        name="a review that a person approves",
        expected={"before": "queued, 0 shown", "shown": 1},
        orders=0,
        play=approved,
    ),
    Journey(
        name="a review that is flagged",
        expected={"reported": "flagged, 1 shown", "shown": 1, "afterwards": "published"},
        orders=0,
        play=flagged,
    ),
)
