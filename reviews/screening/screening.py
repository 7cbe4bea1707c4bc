"""Screening sets of reviews: new ones, and published ones that were reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from reviews.flags.flagging import approval_stands
from reviews.moderation.deciding import Decision, carry_out, lock_reviews
from reviews.moderation.states import Verdict
from reviews.screening.draft import Draft
from reviews.screening.facts import backgrounds, lexicon
from reviews.screening.judging import Judgement, judge
from reviews.submissions.states import ReviewState
from shop.messaging.envelope import Envelope

STANDS = "A person has just approved it; that stands."
NOTED = "The flags are noted; they do not outweigh what speaks for it."


def screen_new(causes: Mapping[UUID, Envelope[Any]]) -> None:
    """Publish, queue or reject what was submitted. One that somebody has decided about already is left alone."""
    reviews = [review for review in lock_reviews(list(causes)).values() if review.state == ReviewState.SUBMITTED]
    judged = _judged(reviews)
    carry_out(
        [
            Decision(
                review,
                verdict := judged[review.pk].verdict,
                causes[review.pk],
                reason=judged[review.pk].reason if verdict != Verdict.PUBLISH else "",
                score=judged[review.pk].score,
                signals=[signal.data() for signal in judged[review.pk].signals],
            )
            for review in reviews
        ]
    )


def screen_again(causes: Mapping[UUID, Envelope[Any]]) -> None:
    """Look again at what was reported. What a person has just approved keeps, and its new flags end with that.

    A reported review that is worse than it seemed waits for a person where everybody can see it, unless the evidence against it
    is unmistakable. One that is fine keeps; its flags stay open, so that further ones add to them.
    """
    reviews = [review for review in lock_reviews(list(causes)).values() if review.seen and review.flag_count]
    judged = _judged(reviews)
    carry_out([_about_flagged(review, judged[review.pk], causes[review.pk]) for review in reviews])


def _about_flagged(review: Any, judged: Judgement, cause: Envelope[Any]) -> Decision:
    told: dict[str, Any] = {"score": judged.score, "signals": [signal.data() for signal in judged.signals]}
    if approval_stands(review):
        return Decision(review, Verdict.KEEP, cause, note=STANDS, **told)
    if judged.verdict == Verdict.PUBLISH:
        return Decision(review, Verdict.KEEP, cause, note=NOTED, closes_flags=False, **told)
    return Decision(review, judged.verdict, cause, reason=judged.reason, **told)


def _judged(reviews: list[Any]) -> dict[UUID, Judgement]:
    if not reviews:
        return {}
    known, words = backgrounds([review.pk for review in reviews]), lexicon()
    judged = {}
    for review in reviews:
        found = judge(Draft(review.title, review.body, review.rating), known[review.pk], words)
        judged[review.pk] = found
        review.score, review.verified = found.score, known[review.pk].verified
    return judged
