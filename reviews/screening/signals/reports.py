"""Flags of other customers. They bring a person to look; they are never evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from reviews.screening.draft import Report
from reviews.screening.signal import Signal

EACH: Final = 30
DOUBTFUL: Final = 10
MOST: Final = 80
CATEGORIES: Final = frozenset({"spam", "abuse", "off_topic"})


def signals(reports: Sequence[Report]) -> Iterator[Signal]:
    """One signal for all open flags."""
    if not reports:
        return
    points = min(MOST, sum(DOUBTFUL if report.doubtful else EACH for report in reports))
    reasons = Counter(report.reason for report in reports)
    named = ", ".join(f"{reason.replace('_', ' ')} ({times})" for reason, times in reasons.most_common())
    first = reasons.most_common(1)[0][0]
    yield Signal("flags", points, f"Reported by customers: {named}.", first if first in CATEGORIES else "")
