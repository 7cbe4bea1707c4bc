"""What the shop is meant to reach, and whether it did. Ratios within one run, because machines differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from config.bench.results import Line, Results


class Outcome(StrEnum):
    MET = "met"
    MISSED = "MISSED"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Target:
    """``figure`` must be at least (or with ``at_most``: at most) ``bound``; ``None`` is not measured: ``without`` says why."""

    text: str
    bound: float
    figure: Callable[[Results], float | None]
    at_most: bool = False
    without: str = "left out of this run"

    def judge(self, results: Results) -> Verdict:
        """How the run did."""
        figure = self.figure(results)
        if figure is None:
            return Verdict(self, None, Outcome.NOT_MEASURED)
        good = figure <= self.bound if self.at_most else figure >= self.bound
        return Verdict(self, figure, Outcome.MET if good else Outcome.MISSED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target, its figure in this run if there is one, and what that comes to."""

    target: Target
    figure: float | None
    outcome: Outcome

    def __str__(self) -> str:
        """One line."""
        sign = "≤" if self.target.at_most else "≥"
        found = self.target.without if self.figure is None else f"{self.figure:.2f}"
        return f"{self.outcome:<12}  {self.target.text}: {found} (wanted {sign} {self.target.bound:g})"


def speed(line: Line, beside: Line) -> Callable[[Results], float | None]:
    """Flows per second of one line, of those of another."""
    return lambda results: _ratio(figure(line, "per_second")(results), figure(beside, "per_second")(results))


def latency(line: Line, beside: Line) -> Callable[[Results], float | None]:
    """The p95 of one line, of that of another."""
    return lambda results: _ratio(figure(line, "p95")(results), figure(beside, "p95")(results))


def figure(line: Line, name: str) -> Callable[[Results], float | None]:
    """One figure of one line."""

    def find(results: Results) -> float | None:
        rate = results.median(line)
        return None if rate is None else getattr(rate, name)

    return find


def flat_ratio(results: Results) -> float | None:
    """Only at the size the target names: at a smaller one it would be too easy."""
    return results.flat.ratio if results.flat and results.flat.at_target_size else None


def seq_scans(results: Results) -> float | None:
    """Statements or tables that broke the rule, at whatever size was measured."""
    return float(results.flat.seq_scans) if results.flat else None


def idle_percent(results: Results) -> float | None:
    """Of one core, everybody's together."""
    return results.idle.total if results.idle else None


def import_minutes(results: Results) -> float | None:
    """Only at the size the target names."""
    return results.imported.seconds / 60 if results.imported and results.imported.at_target_size else None


def search_p95(results: Results) -> float | None:
    """Only at the size the target names."""
    return results.search.slowest if results.search else None


def pages_p95(results: Results) -> float | None:
    """Only at the size the target names."""
    return results.pages.slowest if results.pages else None


def never(_results: Results) -> float | None:
    """Not measured by this benchmark."""
    return None


def judge(results: Results) -> list[Verdict]:
    """Every target, in order."""
    return [target.judge(results) for target in TARGETS]


def _ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None


TARGETS = (
    Target("1 saga only, of the floor", 0.3, speed(Line.SAGA, Line.FLOOR)),
    Target("1 saga only, of the Celery chain", 5, speed(Line.SAGA, Line.CHAIN)),
    Target("1 saga only, of DBOS", 6, never, without="DBOS is not installed with the shop"),
    Target("2 over HTTP, of the Django view", 0.5, speed(Line.HTTP, Line.VIEW)),
    Target("2 over HTTP, of the Celery chain without HTTP", 1.5, speed(Line.HTTP, Line.CHAIN)),
    Target("3 p95 at 8 in flight, of the chain's", 1, latency(Line.HTTP, Line.CHAIN), at_most=True),
    Target("3 p95 at 1 in flight, of the chain's", 2, latency(Line.HTTP_ALONE, Line.CHAIN_ALONE), at_most=True),
    Target("4 one hot product (exact to the unit), of pgbench's hot row", 0.5, speed(Line.HOT, Line.FLOOR_HOT)),
    Target(
        "5 speed at 1,000,000 orders and 10,000,000 messages, of an empty shop's", 0.9, flat_ratio,
        without="needs --flat with --orders 1000000 --messages 10000000",
    ),
    Target("5 big tables read from end to end", 0, seq_scans, at_most=True, without="needs --flat"),
    Target("5 quiet stack, percent of one core", 1, idle_percent, at_most=True),
    Target("6 commits per checkout, saga only", 4, figure(Line.SAGA, "commits"), at_most=True),
    Target("6 commits per checkout, over HTTP at 8 in flight", 4, figure(Line.HTTP, "commits"), at_most=True),
    Target(
        "7 p95 at 10^6 orders and 3 * 10^6 messages, the slowest look at the back office, ms", 300, pages_p95, at_most=True,
        without="needs --only admin with --orders 1000000 --messages 3000000",
    ),
    Target(
        "7 search p95 at 10^6 products, the slowest of twelve kinds, ms", 50, search_p95, at_most=True,
        without="needs --search with --products 1000000",
    ),
    Target("7 import of 10^6 rows, minutes", 10, import_minutes, at_most=True, without="needs --import-rows 1000000"),
    Target("8 Python CPU per checkout over HTTP, ms", 10, figure(Line.HTTP, "cpu_own"), at_most=True),
    Target("8 checkouts accepted per second", 600, figure(Line.ACCEPT, "per_second")),
    Target("8 unloaded p50 from POST to confirmed, ms", 20, figure(Line.HTTP_ALONE, "p50"), at_most=True),
    Target("9 GetProductReviews p95 at 100,000 reviews, ms", 20, figure(Line.REVIEWS, "p95"), at_most=True),
)  # fmt: skip
