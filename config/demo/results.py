"""What a journey was expected to show and what was seen, and the verdict over all of them. No clock, no database, no screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import quantiles

# A number with what was counted ("completed": 200), or a word about something ("second body": "422").
Facts = Mapping[str, int | str]
ORDERS = "orders"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was observed: facts, orders in the database, and milliseconds from each POST to its final status."""

    facts: Facts
    orders: int
    milliseconds: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One journey, played. ``error`` says why it could not be played to its end."""

    name: str
    expected: Facts
    orders: int
    seen: Seen = field(default_factory=lambda: Seen({}, 0))
    error: str = ""

    @property
    def as_expected(self) -> bool:
        """Whether everything that was counted is exactly what it should be, the orders included."""
        return not self.error and agree(self.expected, self.orders, self.seen)


def agree(expected: Facts, orders: int, seen: Seen) -> bool:
    """Whether what was seen is what was expected: nothing missing, nothing else, the same number of orders."""
    return counted(seen.facts) == counted(expected) and seen.orders == orders


def counted(facts: Facts) -> dict[str, int | str]:
    """Facts without what did not happen."""
    return {name: value for name, value in facts.items() if value != 0}


def in_words(facts: Facts) -> str:
    """``200 completed, 200 charged once``; nothing at all is ``nothing``."""
    words = [f"{value} {name}" if isinstance(value, int) else f"{name} {value}" for name, value in counted(facts).items()]
    return ", ".join(words) or "nothing"


def percentiles(milliseconds: Sequence[float]) -> tuple[float, float] | None:
    """p50 and p95; ``None`` where nothing was timed."""
    if not milliseconds:
        return None
    if len(milliseconds) == 1:
        return milliseconds[0], milliseconds[0]
    cuts = quantiles(milliseconds, n=20, method="inclusive")
    return cuts[9], cuts[18]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole run: its journeys and how many invariants were broken."""

    results: Sequence[Result]
    violations: int

    @property
    def passed(self) -> bool:
        """Whether every journey went as expected and nothing is violated; a run without journeys shows nothing."""
        return bool(self.results) and self.as_expected == len(self.results) and self.violations == 0

    @property
    def as_expected(self) -> int:
        """How many journeys went as expected."""
        return count(result.as_expected for result in self.results)

    @property
    def last_line(self) -> str:
        """What scripts look for."""
        return f"demo: {len(self.results)} journeys, {self.as_expected} as expected, {self.violations} violations"


def count(flags: Iterable[bool]) -> int:
    """How many are true."""
    return sum(1 for flag in flags if flag)
