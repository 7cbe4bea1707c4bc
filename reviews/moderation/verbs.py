"""What a moderator can do to reviews, one by one or in bulk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget

from reviews.moderation.states import RejectionReason
from reviews.moderation.undoing import refusal
from reviews.submissions.models import Review
from reviews.submissions.states import ReviewState
from shop.console.verbs import CommandVerb, ReasonForm
from shop.contracts.base import Command
from shop.contracts.moderation import ApproveReview, DismissReviewFlags, RejectReview, UndoModeration
from shop.messaging.context import current_actor

FINE = "Nothing wrong with it."
LONGEST_NOTE = 250


def note_of(given: Mapping[str, Any]) -> str:
    """The reason as it is kept with the decision; the audit trail has all of it."""
    return str(given["reason"]).strip()[:LONGEST_NOTE]


class ReviewVerb(CommandVerb):
    """A verb on one review."""

    def snapshot(self, row: Review) -> dict[str, Any]:
        return {"state": str(row.state), "openFlags": row.flag_count}


class Approve(ReviewVerb):
    """Let it be seen."""

    name, label, icon, tone = "approve", "Approve", "check", "good"
    meaning = "Everybody can see it and it counts. Open flags are dismissed; for a week new ones do not bring it back."

    def initial(self, row: Review | None) -> dict[str, Any]:
        return {"reason": FINE}

    def refusal(self, row: Review) -> str:
        nothing_to_do = row.state == ReviewState.PUBLISHED and not row.flag_count
        return "It is published and nobody has reported it." if nothing_to_do else ""

    def command(self, row: Review, given: Mapping[str, Any]) -> Command:
        return ApproveReview(review_id=row.pk, note=note_of(given))

    def sentence(self, row: Review, answer: Any) -> str:
        return "everybody can see it now."


class RejectForm(ReasonForm):
    """On which ground; the author is told that much."""

    why = forms.ChoiceField(label="Ground", choices=RejectionReason.choices, widget=UnfoldAdminSelectWidget)
    field_order = ("why", "reason")


class Reject(ReviewVerb):
    """Do not let it be seen."""

    name, label, icon, tone = "reject", "Reject", "block", "bad"
    meaning = "Nobody sees it, or no longer, and it does not count. Open flags are upheld."
    form = RejectForm

    def refusal(self, row: Review) -> str:
        return "It is rejected already." if row.state == ReviewState.REJECTED else ""

    def command(self, row: Review, given: Mapping[str, Any]) -> Command:
        return RejectReview(review_id=row.pk, reason=given["why"], note=note_of(given))

    def sentence(self, row: Review, answer: Any) -> str:
        return "nobody sees it now."


class DismissFlags(ReviewVerb):
    """The reports do not hold."""

    name, label, icon, tone = "dismiss", "Dismiss flags", "flag_circle", "plain"
    meaning = "It stays as it is and its open flags are closed. For a week new ones do not bring it back."

    def initial(self, row: Review | None) -> dict[str, Any]:
        return {"reason": FINE}

    def refusal(self, row: Review) -> str:
        return "" if row.flag_count else "It has no open flag."

    def command(self, row: Review, given: Mapping[str, Any]) -> Command:
        return DismissReviewFlags(review_id=row.pk, note=note_of(given))

    def sentence(self, row: Review, answer: Any) -> str:
        return "its flags are closed."


class Undo(ReviewVerb):
    """Take back one's own last decision."""

    name, label, icon, tone = "undo", "Undo", "undo", "plain"
    meaning = "Takes back your own last decision about it: it is as it was before, with the flags it had."
    bulk = False

    def initial(self, row: Review | None) -> dict[str, Any]:
        return {"reason": "A slip."}

    def refusal(self, row: Review) -> str:
        return refusal(row, current_actor())

    def command(self, row: Review, given: Mapping[str, Any]) -> Command:
        return UndoModeration(review_id=row.pk, note=note_of(given))

    def sentence(self, row: Review, answer: Any) -> str:
        return f"it is {ReviewState(answer.state).label.lower()} again."


APPROVE, REJECT, DISMISS, UNDO = Approve(), Reject(), DismissFlags(), Undo()
VERBS = (APPROVE, REJECT, DISMISS, UNDO)
