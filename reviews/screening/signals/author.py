"""Who wrote it: bought or not, how much else, how fast, and what became of that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.conf import settings

from reviews.screening.draft import Background
from reviews.screening.signal import Signal

FAST: Final = 5
VERY_FAST: Final = 15
PER_REJECTED: Final = 15
MOST_FOR_REJECTED: Final = 45
FOR_TRUST: Final = -20


def trusted(known: Background) -> bool:
    """Many published reviews and none that was rejected."""
    return known.rejected == 0 and known.published >= settings.REVIEWS_TRUSTED_FROM


def signals(known: Background) -> Iterator[Signal]:
    """What the author's history says."""
    if known.verified:
        yield Signal("verified purchase", FOR_TRUST, "Its author has bought and received the product.")
    if trusted(known):
        yield Signal("trusted reviewer", FOR_TRUST, f"Its author has {known.published} published reviews and none rejected.")
    if known.rejected:
        points = min(MOST_FOR_REJECTED, PER_REJECTED * known.rejected)
        yield Signal("history", points, f"{known.rejected} other reviews of its author were rejected.")
    if known.recent > VERY_FAST:
        yield Signal("velocity", 45, f"Its author wrote {known.recent} others within an hour.", "spam", True)
    elif known.recent >= FAST:
        yield Signal("velocity", 15, f"Its author wrote {known.recent} others within an hour.", "spam")
