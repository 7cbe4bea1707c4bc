"""Carrying out decisions about locked reviews: states, decision rows, flags and what is told to others, in few statements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from reviews.flags.states import FlagOutcome
from reviews.moderation.states import RejectionReason, Verdict
from reviews.submissions.models import Review
from reviews.submissions.states import ReviewState
from shop.contracts.reviews import ReviewPublished, ReviewRejected, ReviewWithdrawn
from shop.messaging.bus import publish
from shop.messaging.context import current_actor, current_correlation
from shop.messaging.envelope import Envelope, Origin
from shop.messaging.outgoing import current_unit
from shop.messaging.sets import Column, insert_rows, locked, update_rows

Cause: TypeAlias = Envelope[Any] | Origin

MACHINE: Final = "system:screening"
CLOSES_FLAGS: Final = {
    Verdict.PUBLISH: FlagOutcome.DISMISSED,
    Verdict.KEEP: FlagOutcome.DISMISSED,
    Verdict.REJECT: FlagOutcome.UPHELD,
}
REVIEW_COLUMNS: Final[tuple[Column, ...]] = (
    ("state", "text"),
    ("score", "smallint"),
    ("verified", "bool"),
    ("flag_count", "int"),
    ("version", "bigint"),
    ("waiting_since", "timestamptz"),
    ("decided_at", "timestamptz"),
    ("published_at", "timestamptz"),
    ("approved_at", "timestamptz"),
    ("updated_at", "timestamptz"),
)
DECISION_COLUMNS: Final[tuple[Column, ...]] = (
    ("review_id", "uuid"),
    ("verdict", "text"),
    ("state_before", "text"),
    ("state_after", "text"),
    ("reason", "text"),
    ("note", "text"),
    ("score", "smallint"),
    ("signals", "jsonb"),
    ("decided_by", "text"),
    ("by_person", "bool"),
    ("undoes_id", "bigint"),
    ("message_id", "uuid"),
    ("decided_at", "timestamptz"),
)


@dataclass(slots=True)
class Decision:
    """What is decided about one locked review. ``closes_flags``: open flags end with it, dismissed or upheld."""

    review: Any
    verdict: Verdict
    cause: Cause
    reason: str = ""
    note: str = ""
    score: int = 0
    signals: Sequence[dict[str, Any]] = ()
    by_person: bool = False
    closes_flags: bool = True
    undoes: int | None = None
    back_to: str = ""
    before: str = field(init=False, default="")

    @property
    def by(self) -> str:
        """Who decided."""
        return self.cause.actor if self.by_person else MACHINE


def lock_reviews(ids: Sequence[UUID]) -> dict[UUID, Any]:
    """These reviews, locked in key order, each with ``now``; those that do not exist are left out."""
    return {review.pk: review for review in locked(Review, ids, extra="now() AS now")}


def current_cause() -> Cause:
    """The one message this unit of work is about, or whoever opened it."""
    return current_unit().cause or Origin(current_correlation() or UUID(int=0), current_actor())


def carry_out(decisions: Sequence[Decision]) -> None:
    """Write all of it, and say what others have to know. Each review is decided about once per call."""
    if not decisions:
        return
    for one in decisions:
        _move(one)
    ids = _write_decisions(decisions)
    _close_flags(decisions, ids)
    _write_reviews(decisions)
    for one in decisions:
        _tell(one)


def _move(one: Decision) -> None:
    review, at = one.review, one.review.now
    one.before = str(review.state)
    if one.verdict == Verdict.UNDO:
        _move_back(review, one.back_to, at)
    elif one.verdict == Verdict.REJECT:
        review.reject()
        review.approved_at = None
    elif one.verdict == Verdict.QUEUE:
        _leave_to_a_person(review, at)
    elif review.state == ReviewState.FLAGGED:
        review.keep()
    elif review.state != ReviewState.PUBLISHED:
        review.publish(at=at)
    if one.by_person and one.verdict in {Verdict.PUBLISH, Verdict.KEEP}:
        review.approved_at = at
    review.decided_at = review.updated_at = at
    review.version += 1


def _leave_to_a_person(review: Any, at: datetime) -> None:
    """A flagged one waits where it is: it can be seen until somebody decides."""
    if review.state == ReviewState.SUBMITTED:
        review.queue(at=at)
    elif review.state == ReviewState.PUBLISHED:  # reported while its approval stood, looked at when that was over
        review.flag(at=at)


def _move_back(review: Any, state: str, at: datetime) -> None:
    review.approved_at = None
    if state == ReviewState.FLAGGED:
        review.return_to_flagged(at=at)
    elif state == ReviewState.QUEUED:
        review.return_to_queue(at=at)
    elif state == ReviewState.REJECTED:
        review.reject()
    elif review.state != ReviewState.PUBLISHED:
        review.publish(at=at)


def _write_decisions(decisions: Sequence[Decision]) -> dict[UUID, int]:
    rows = [
        (
            one.review.pk, one.verdict.value, one.before, str(one.review.state), one.reason, one.note[:250], one.score,
            json.dumps(list(one.signals)), one.by[:120], one.by_person, one.undoes, one.cause.id, one.review.now,
        )
        for one in decisions
    ]  # fmt: skip
    written = insert_rows("reviews_moderationdecision", DECISION_COLUMNS, rows, tail="RETURNING review_id, id")
    return dict(written)


def _close_flags(decisions: Sequence[Decision], ids: dict[UUID, int]) -> None:
    closing = [one for one in decisions if one.closes_flags and one.verdict in CLOSES_FLAGS and one.review.flag_count]
    rows = [(one.review.pk, CLOSES_FLAGS[one.verdict].value, ids[one.review.pk]) for one in closing]
    columns = (("outcome", "text"), ("decision_id", "bigint"))
    update_rows("reviews_reviewflag", ("review_id", "uuid"), columns, rows, where="t.outcome = 'OPEN'")
    for one in closing:
        one.review.flag_count = 0


def _write_reviews(decisions: Sequence[Decision]) -> None:
    names = [name for name, _ in REVIEW_COLUMNS]
    rows = [(one.review.pk, *(getattr(one.review, name) for name in names)) for one in decisions]
    plain = [tuple(str(value) if isinstance(value, ReviewState) else value for value in row) for row in rows]
    update_rows("reviews_review", ("id", "uuid"), REVIEW_COLUMNS, plain)


def _tell(one: Decision) -> None:
    review, product = one.review, str(one.review.product_id)
    was_seen = one.before in {ReviewState.PUBLISHED, ReviewState.FLAGGED}
    if review.state == ReviewState.REJECTED:
        reason: Any = one.reason or RejectionReason.POLICY_VIOLATION.value
        publish(ReviewRejected(review_id=review.pk, product_id=product, reason=reason, rejected_at=review.now), cause=one.cause)
    elif review.seen and not was_seen:
        published = ReviewPublished(
            review_id=review.pk,
            product_id=product,
            customer_id=str(review.customer_id) if review.customer_id else None,
            rating=review.rating,
            published_at=review.now,
        )
        publish(published, cause=one.cause)
    elif was_seen and not review.seen:
        publish(ReviewWithdrawn(review_id=review.pk, product_id=product, withdrawn_at=review.now), cause=one.cause)
