"""Taking back one's own last decision, while it is fresh and nobody has decided since."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

from reviews.moderation.deciding import Decision, carry_out, current_cause
from reviews.moderation.models import ModerationDecision
from reviews.moderation.states import Verdict
from shop.messaging.errors import Refused
from shop.messaging.sets import fetch_rows

LAST: Final = """
    SELECT id, decided_by, by_person, verdict, state_before, state_after,
           decided_at > now() - make_interval(mins => %(minutes)s)
    FROM reviews_moderationdecision WHERE review_id = %(review)s ORDER BY id DESC LIMIT 1
"""
REOPEN: Final = """
    UPDATE reviews_reviewflag SET outcome = 'OPEN', decision_id = NULL WHERE decision_id = %s RETURNING id
"""
LAST_OF_PERSON: Final = """
    SELECT review_id FROM reviews_moderationdecision d
    WHERE decided_by = %(actor)s AND by_person AND decided_at > now() - make_interval(mins => %(minutes)s)
    ORDER BY id DESC LIMIT 1
"""


def refusal(review: Any, actor: str) -> str:
    """Why ``actor`` cannot take back the last decision about this review; empty if they can."""
    found = fetch_rows(LAST, {"review": review.pk, "minutes": settings.REVIEWS_UNDO_MINUTES})
    if not found:
        return "Nobody has decided about it yet."
    _, decided_by, by_person, verdict, _, after, fresh = found[0]
    if not by_person or verdict == Verdict.UNDO:
        return "The last decision about it is nothing a person could take back."
    if decided_by != actor:
        return f"The last decision about it is {decided_by}'s."
    if after != review.state:
        return "It was flagged again since."
    return "" if fresh else f"That was more than {settings.REVIEWS_UNDO_MINUTES} minutes ago; decide anew instead."


def undo(review: Any, actor: str, note: str) -> None:
    """Put the locked review back to where it was, with the flags it had. Raises ``Refused``."""
    if why_not := refusal(review, actor):
        raise Refused("cannot_be_taken_back", why_not)
    last = ModerationDecision.objects.filter(review_id=review.pk).latest("id")
    review.flag_count += len(fetch_rows(REOPEN, [last.pk]))
    carry_out(
        [
            Decision(
                review,
                Verdict.UNDO,
                current_cause(),
                note=note,
                by_person=True,
                undoes=last.pk,
                back_to=last.state_before,
                score=last.score,
                signals=last.signals,
            )
        ]
    )


def last_decided(actor: str) -> Any | None:
    """The review that this person decided about last, if that may still be taken back; for a link."""
    found = fetch_rows(LAST_OF_PERSON, {"actor": actor, "minutes": settings.REVIEWS_UNDO_MINUTES})
    return found[0][0] if found else None
