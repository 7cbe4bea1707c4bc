"""One thing that was noticed about a review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Signal:
    """``points`` against the review (or for it, below zero) and the sentence a moderator reads.

    ``category`` is what it would be rejected for; empty when the signal says nothing about that. ``evidence``: it can hardly
    happen to an honest review, and two *kinds* of evidence are what rejecting without a person takes.
    """

    kind: str
    points: int
    words: str
    category: str = ""
    evidence: bool = False

    def data(self) -> dict[str, Any]:
        """As it is kept with a decision."""
        return {"kind": self.kind, "points": self.points, "words": self.words, "evidence": self.evidence}
