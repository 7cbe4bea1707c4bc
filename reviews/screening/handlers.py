"""One function per command and subscription of the screening."""

from __future__ import annotations

from collections.abc import Sequence

from reviews.screening import words
from reviews.screening.screening import screen_again, screen_new
from shop.contracts.moderation import AddDenyWord, DenyWordView, RemoveDenyWord
from shop.contracts.reviews import ReviewFlagged, ReviewSubmitted
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import in_batches


@in_batches(50)
def screen_review_when_submitted(batch: Sequence[Envelope[ReviewSubmitted]]) -> None:
    """Publishes ``ReviewPublished`` or ``ReviewRejected``, or leaves it to a person."""
    screen_new({envelope.message.review_id: envelope for envelope in batch})


@in_batches(50)
def screen_review_again_when_flagged(batch: Sequence[Envelope[ReviewFlagged]]) -> None:
    """Keeps it, leaves it to a person, or publishes ``ReviewRejected``."""
    screen_again({envelope.message.review_id: envelope for envelope in batch})


def add_deny_word(command: AddDenyWord) -> DenyWordView:
    """Watch for a word from now on. Raises ``Invalid`` when nothing of it can be read."""
    return words.add(command)


def remove_deny_word(command: RemoveDenyWord) -> None:
    """Watch for a word no longer. Raises ``Missing``."""
    words.remove(command)
