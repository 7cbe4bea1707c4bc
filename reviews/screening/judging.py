"""From signals to a verdict. No database here: the same text and background give the same verdict, with the reasons for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from reviews.moderation.states import RejectionReason, Verdict
from reviews.screening.draft import Background, Draft
from reviews.screening.signal import Signal
from reviews.screening.signals import author, likeness, links, manner, reports, words
from reviews.screening.wording import Lexicon

KINDS_OF_EVIDENCE: Final = 2
HIGHEST: Final = 32_000


@dataclass(frozen=True, slots=True)
class Judgement:
    """What screening makes of a review. ``reason`` is what it would be rejected for, also while a person is still to look."""

    verdict: Verdict
    score: int
    reason: str
    signals: Sequence[Signal]


def judge(draft: Draft, known: Background, lexicon: Lexicon) -> Judgement:
    """Publish, leave to a person, or reject.

    Rejecting needs a high score *and* evidence of two kinds, and is never done to a verified purchase or a trusted reviewer:
    whoever may be honest is read by a person. Being trusted does not make up for insults.
    """
    found = [
        *words.signals(draft, lexicon),
        *links.signals(draft),
        *manner.signals(draft),
        *likeness.signals(known.twins),
        *reports.signals(known.reports),
        *author.signals(known),
    ]
    score = _score(found)
    return Judgement(_verdict(found, score, known), score, _reason(found), found)


def _score(found: Sequence[Signal]) -> int:
    against = sum(signal.points for signal in found if signal.points > 0)
    insults = sum(signal.points for signal in found if signal.kind == words.INSULTS)
    trust = sum(signal.points for signal in found if signal.points < 0)
    return min(max(insults, against + trust, 0), HIGHEST)


def _verdict(found: Sequence[Signal], score: int, known: Background) -> Verdict:
    if score < settings.REVIEWS_PUBLISH_BELOW:
        return Verdict.PUBLISH
    evidence = {signal.kind for signal in found if signal.evidence}
    known_well = known.verified or author.trusted(known)
    unmistakable = score >= settings.REVIEWS_REJECT_FROM and len(evidence) >= KINDS_OF_EVIDENCE
    return Verdict.REJECT if unmistakable and not known_well else Verdict.QUEUE


def _reason(found: Sequence[Signal]) -> str:
    weights: Counter[str] = Counter()
    for signal in found:
        if signal.category:
            weights[signal.category] += signal.points
    return weights.most_common(1)[0][0] if weights else RejectionReason.POLICY_VIOLATION
