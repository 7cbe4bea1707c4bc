"""One function per command of the moderators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from reviews.moderation.deciding import Decision, carry_out, current_cause, lock_reviews
from reviews.moderation.models import ModerationDecision
from reviews.moderation.states import Verdict
from reviews.moderation.undoing import undo
from reviews.submissions.states import ReviewState
from shop.contracts.moderation import ApproveReview, DecidedReview, DismissReviewFlags, RejectReview, UndoModeration
from shop.messaging.errors import Missing, Refused


def approve_review(command: ApproveReview) -> DecidedReview:
    """Let everybody see it, whatever was decided before. Publishes ``ReviewPublished`` if it could not be seen.

    Raises ``Missing``, or ``Refused`` for one that is published and has no open flag.
    """
    review = _locked(command.review_id)
    if review.state == ReviewState.PUBLISHED and not review.flag_count:
        raise Refused("already_published", "It is published and nobody has reported it.")
    return _decide(review, Verdict.PUBLISH, command.note)


def reject_review(command: RejectReview) -> DecidedReview:
    """Nobody sees it, or no longer. Publishes ``ReviewRejected``. Raises ``Missing`` or ``Refused``."""
    review = _locked(command.review_id)
    if review.state == ReviewState.REJECTED:
        raise Refused("already_rejected", "It is rejected already.")
    return _decide(review, Verdict.REJECT, command.note, command.reason)


def dismiss_review_flags(command: DismissReviewFlags) -> DecidedReview:
    """Nothing is wrong with it: its open flags end. Raises ``Missing``, or ``Refused`` when none is open."""
    review = _locked(command.review_id)
    if not review.seen or not review.flag_count:
        raise Refused("no_open_flags", "It has no open flag.")
    return _decide(review, Verdict.KEEP, command.note)


def undo_moderation(command: UndoModeration) -> DecidedReview:
    """Take back one's own last decision. Publishes what that changes. Raises ``Missing`` or ``Refused``."""
    review = _locked(command.review_id)
    undo(review, current_cause().actor, command.note or "")
    return _view(review)


def _locked(review_id: UUID) -> Any:
    review = lock_reviews([review_id]).get(review_id)
    if review is None:
        raise Missing("review_not_found", "There is no such review.")
    return review


def _decide(review: Any, verdict: Verdict, note: str | None, reason: str = "") -> DecidedReview:
    """By a person, who saw what screening had found."""
    seen = ModerationDecision.objects.filter(review_id=review.pk).order_by("-id").values_list("signals", flat=True).first()
    carry_out(
        [
            Decision(
                review,
                verdict,
                current_cause(),
                reason=reason,
                note=note or "",
                score=review.score,
                signals=seen or (),
                by_person=True,
            )
        ]
    )
    return _view(review)


def _view(review: Any) -> DecidedReview:
    return DecidedReview.model_validate({"review_id": review.pk, "status": review.status, "state": str(review.state)})
