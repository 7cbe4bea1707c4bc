"""The verdict: a journey must be able to fail, and one that fails must fail the run."""

from __future__ import annotations

import pytest

from config.demo.results import Result, Seen, Verdict, agree, in_words, percentiles

EXPECTED = {"confirmed": 50, "out of stock": 250}


def result(seen: Seen, error: str = "") -> Result:
    return Result("300 buyers for 50 units", EXPECTED, 50, seen, error)


GOOD = result(Seen({"confirmed": 50, "out of stock": 250, "charged wrongly": 0}, 50))


def test_what_did_not_happen_does_not_count() -> None:
    assert GOOD.as_expected


@pytest.mark.parametrize(
    "seen",
    [
        Seen({"confirmed": 51, "out of stock": 249}, 50),
        Seen({"confirmed": 50, "out of stock": 250}, 51),
        Seen({"confirmed": 50, "out of stock": 250, "charged wrongly": 1}, 50),
        Seen({"confirmed": 50}, 50),
        Seen({"confirmed": "50", "out of stock": 250}, 50),
    ],
)
def test_one_too_many_one_missing_and_one_more_kind_are_not_as_expected(seen: Seen) -> None:
    assert not result(seen).as_expected
    assert not agree(EXPECTED, 50, seen)


def test_a_journey_that_could_not_be_played_is_not_as_expected() -> None:
    assert not result(GOOD.seen, "Unexpected: POST /carts was answered 500").as_expected


def test_words_are_compared_too() -> None:
    assert agree({"saga retry": "ok"}, 0, Seen({"saga retry": "ok"}, 0))
    assert not agree({"saga retry": "ok"}, 0, Seen({"saga retry": "REFUSED"}, 0))


def test_the_last_line_counts_journeys_and_violations() -> None:
    verdict = Verdict([GOOD, GOOD], 0)
    assert verdict.passed
    assert verdict.last_line == "demo: 2 journeys, 2 as expected, 0 violations"


def test_one_bad_journey_or_one_violation_fails_the_run() -> None:
    bad = result(Seen({}, 0))
    assert not Verdict([GOOD, bad], 0).passed
    assert Verdict([GOOD, bad], 0).last_line == "demo: 2 journeys, 1 as expected, 0 violations"
    assert not Verdict([GOOD], 3).passed
    assert Verdict([GOOD], 3).last_line == "demo: 1 journeys, 1 as expected, 3 violations"


def test_a_run_without_journeys_shows_nothing() -> None:
    assert not Verdict([], 0).passed


def test_facts_in_words() -> None:
    assert in_words({"confirmed": 3, "held": 0, "saga retry": "ok"}) == "3 confirmed, saga retry ok"
    assert in_words({"held": 0}) == "nothing"


def test_percentiles_of_none_one_and_many() -> None:
    assert percentiles([]) is None
    assert percentiles([7.0]) == (7.0, 7.0)
    p50, p95 = percentiles([float(n) for n in range(1, 102)]) or (0, 0)
    assert (p50, p95) == (51.0, 96.0)
