"""The table for people, and the last line for scripts."""

from __future__ import annotations

import io

from rich.console import Console

from config.demo.display import PLAIN_WIDTH, Display
from config.demo.results import Result, Seen, Verdict
from shop.messaging.invariants import Violation

EXPECTED = {"confirmed": 2, "charged once": 2}
GOOD = Result("two checkouts", EXPECTED, 2, Seen({"charged once": 2, "confirmed": 2}, 2, [100.0, 2_400.0]))
BAD = Result("two more", EXPECTED, 2, Seen({"confirmed": 1, "declined": 1}, 1))


def shown(*results: Result, violations: int = 0) -> list[str]:
    out = io.StringIO()
    display = Display(Console(file=out, width=PLAIN_WIDTH))
    for number, result in enumerate(results, start=1):
        display.played(number, len(results), result)
    display.table(results)
    display.violations([Violation("rule", "subject [1]", "detail")] * violations)
    display.last(Verdict(results, violations))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_what_is_as_expected_reads_the_same_in_both_columns() -> None:
    (row,) = [line for line in shown(GOOD) if line.lstrip().startswith("two checkouts")]
    words = " ".join(row.split())
    assert words == "two checkouts 2 confirmed, 2 charged once 2 confirmed, 2 charged once 2 1.2 s 2.3 s"


def test_a_failure_shows_both_sides_at_once_and_in_the_table() -> None:
    lines = shown(GOOD, BAD)
    assert " 2/2 FAIL two more" in lines
    assert "           expected 2 confirmed, 2 charged once" in lines
    assert "           seen     1 confirmed, 1 declined" in lines
    assert lines[-1] == "demo: 2 journeys, 1 as expected, 0 violations"


def test_an_error_takes_the_place_of_what_was_seen() -> None:
    broken = Result("broken", EXPECTED, 2, error="Unexpected: POST [x] was answered 500")
    assert "           seen     Unexpected: POST [x] was answered 500" in shown(broken)


def test_violations_are_named_before_the_last_line() -> None:
    lines = shown(GOOD, violations=1)
    assert lines[-2] == "rule: subject [1]: detail"
    assert lines[-1] == "demo: 1 journeys, 1 as expected, 1 violations"
