from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from reviews.screening.facts import lexicon
from reviews.screening.report import BORDERLINE, Score, Screened, scores, screened


class Command(BaseCommand):
    """How well screening, with the present deny words and thresholds, tells the labelled reviews apart."""

    help = "Precision and recall of screening on the labelled reviews, and what it gets wrong. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="without the list of misses")

    def handle(self, *args: Any, **options: Any) -> None:
        results = screened(lexicon())
        languages = Counter(one.example.language for one in results)
        spoken = ", ".join(f"{language} {count}" for language, count in languages.most_common())
        self.stdout.write(f"{len(results)} labelled reviews: {spoken}")
        self._table("all of them", results)
        self._table("those written after the deny words were chosen", [one for one in results if one.example.fresh])
        if not options["quiet"]:
            self._misses([one for one in results if one.missed])

    def _table(self, which: str, results: list[Screened]) -> None:
        self.stdout.write(f"\n{which}:")
        self.stdout.write(f"{'label':<12}{'texts':>7}{'precision':>11}{'recall':>8}{'not published':>15}{'rejected':>10}")
        for score in scores(results):
            self.stdout.write(_line(score))

    def _misses(self, missed: list[Screened]) -> None:
        self.stdout.write(f"\n{len(missed)} misses:" if missed else "\nno misses")
        for one in missed:
            kinds = ", ".join(f"{signal.kind} {signal.points:+d}" for signal in one.judged.signals) or "nothing noticed"
            verdict = f"{one.judged.verdict.label.lower()} with {one.judged.score}"
            self.stdout.write(
                f"  {one.example.label} ({one.example.language}) {verdict} ({kinds}): {one.example.draft.text[:90]!r}"
            )


def _line(score: Score) -> str:
    shares = f"{'-':>11}{'-':>8}" if score.label == BORDERLINE else f"{score.precision:>11.2f}{score.recall:>8.2f}"
    return f"{score.label:<12}{score.texts:>7}{shares}{score.caught:>15.2f}{score.rejected:>10}"
