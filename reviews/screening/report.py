"""How well screening tells reviews apart: measured on texts written for the purpose, each with the label a person gave it.

``honest`` should be published and must never be rejected by the machine; ``spam``, ``abuse`` and ``off_topic`` should not be
published, and for that reason; with ``borderline`` either is right as long as a person has the last word.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reviews.moderation.states import Verdict
from reviews.screening.draft import Background, Draft
from reviews.screening.judging import Judgement, judge
from reviews.screening.wording import Lexicon

LABELLED: Final = Path(__file__).with_name("data") / "labelled.tsv"
HONEST, BORDERLINE = "honest", "borderline"
LABELS: Final = (HONEST, "spam", "abuse", "off_topic")


@dataclass(frozen=True, slots=True)
class Example:
    """A text and its label. ``fresh``: written after the shipped deny words were chosen, so it says more about real reviews."""

    label: str
    language: str
    draft: Draft
    fresh: bool


@dataclass(frozen=True, slots=True)
class Screened:
    """An example and what screening makes of it, knowing nothing of its author."""

    example: Example
    judged: Judgement

    @property
    def predicted(self) -> str:
        """The label screening gives it."""
        return HONEST if self.judged.verdict == Verdict.PUBLISH else self.judged.reason

    @property
    def missed(self) -> bool:
        """Whether the labels differ; a borderline one is missed only when no person gets to see it."""
        if self.example.label == BORDERLINE:
            return self.judged.verdict == Verdict.REJECT
        return self.predicted != self.example.label


@dataclass(frozen=True, slots=True)
class Score:
    """Of one label. ``caught``: the share that is not published; of honest ones it should be small."""

    label: str
    texts: int
    precision: float
    recall: float
    caught: float
    rejected: int


def examples() -> Iterator[Example]:
    """Every labelled text."""
    with LABELLED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            draft = Draft(row["title"], row["body"], int(row["rating"]))
            yield Example(row["label"], row["language"], draft, row["written"] == "after")


def screened(lexicon: Lexicon) -> list[Screened]:
    """All of them, screened."""
    return [Screened(one, judge(one.draft, Background(), lexicon)) for one in examples()]


def scores(results: Sequence[Screened]) -> list[Score]:
    """Per label; borderline ones count for nobody's precision."""
    return [_score(label, results) for label in (*LABELS, BORDERLINE)]


def _score(label: str, results: Sequence[Screened]) -> Score:
    mine = [one for one in results if one.example.label == label]
    claimed = Counter(one.example.label == label for one in results if one.predicted == label and one.example.label != BORDERLINE)
    hits = sum(one.predicted == label for one in mine)
    caught = sum(one.judged.verdict != Verdict.PUBLISH for one in mine)
    rejected = sum(one.judged.verdict == Verdict.REJECT for one in mine)
    return Score(
        label, len(mine), _share(claimed[True], claimed.total()), _share(hits, len(mine)), _share(caught, len(mine)), rejected
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
