"""The pieces that pages about a review are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reviews.flags.models import ReviewFlag
from reviews.flags.states import FlagOutcome
from reviews.moderation.history import NOBODY, authors, other_reviews
from reviews.moderation.models import ModerationDecision
from reviews.submissions.models import Review
from reviews.submissions.states import ReviewState
from shop.console.directory import link_to
from shop.console.formats import badge, moment
from shop.console.sections import Facts, Table

TONES = {"SUBMITTED": "busy", "QUEUED": "warn", "PUBLISHED": "good", "FLAGGED": "bad", "REJECTED": "plain"}
FLAG_TONES = {FlagOutcome.OPEN: "warn", FlagOutcome.UPHELD: "bad", FlagOutcome.DISMISSED: "plain"}


def stars(rating: int) -> str:
    """``★★★★☆ 4``: readable without seeing the signs."""
    return f"{'★' * rating}{'☆' * (5 - rating)} {rating}"


def state_badge(state: str) -> Any:
    """The state in words."""
    return badge(ReviewState(state).label, TONES[state])


def signals_table(decision: ModerationDecision | None) -> Table:
    """What was noticed, each with its points."""
    found = decision.signals if decision else []
    rows = [(one["words"], f"{one['points']:+d}", badge("yes", "bad") if one["evidence"] else "—") for one in found]
    note = f"{decision.score} in all; {decision.get_verdict_display().lower()} by {decision.decided_by}." if decision else ""
    return Table(
        "What speaks for and against it", ("Signal", "Points", "Evidence"), rows, empty="Nothing was noticed.", note=note
    )


def flags_table(review: Review) -> Table:
    """Who reported it, why, and what came of that."""
    flags = ReviewFlag.objects.filter(review_id=review.pk).order_by("-id")[:50]
    rows = [
        (
            moment(flag.flagged_at),
            flag.get_reason_display(),
            flag.notes or "—",
            link_to("customer", flag.flagged_by) if flag.flagged_by else "an erased customer",
            badge(FlagOutcome(flag.outcome).label, FLAG_TONES[FlagOutcome(flag.outcome)]),
        )
        for flag in flags
    ]
    return Table("Flags", ("When", "Reason", "In the customer's words", "By", "Outcome"), rows, empty="Nobody has reported it.")


def decisions_table(review: Review) -> Table:
    """Everything that was decided about it, the latest first."""
    decisions = ModerationDecision.objects.filter(review_id=review.pk).order_by("-id")[:50]
    rows = [
        (
            moment(one.decided_at),
            link_to("decision", one.pk, one.get_verdict_display()),
            one.get_reason_display() or "—",
            one.note or "—",
            one.decided_by,
            one.score,
        )
        for one in decisions
    ]
    return Table("Decisions", ("When", "What", "Ground", "Note", "By", "Score"), rows, empty="Nothing was decided yet.")


def author_facts(review: Review) -> Facts:
    """Who wrote it, and what became of their other reviews."""
    known = authors([review.customer_id]).get(review.customer_id, NOBODY) if review.customer_id else NOBODY
    facts = (
        ("Author", link_to("customer", review.customer_id) if review.customer_id else "an erased customer"),
        ("Bought it", "yes, and received it" if review.verified else "not that we know"),
        ("Published", str(known.published)),
        ("Rejected", str(known.rejected)),
        ("Waiting", str(known.waiting)),
    )
    return Facts("Its author", facts)


def others_table(review: Review) -> Table:
    """The author's other reviews."""
    rows: Sequence[Sequence[Any]] = [
        (moment(one.submitted_at), stars(one.rating), link_to("review", one.pk, opening_of(one)), state_badge(str(one.state)))
        for one in other_reviews(review)
    ]
    return Table("Other reviews of its author", ("When", "Stars", "Review", "State"), rows, empty="This is the first one.")


def opening_of(review: Review, longest: int = 80) -> str:
    """Its title, or how it begins."""
    text = review.title or " ".join(review.body.split()) or "(no text)"
    return text if len(text) <= longest else f"{text[:longest].rstrip()}…"
