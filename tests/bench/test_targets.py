from config.bench.flat import Flat
from config.bench.idle import Idle
from config.bench.plans import Plan
from config.bench.rates import Rate
from config.bench.results import Line, Results
from config.bench.targets import Outcome, Verdict, judge


def verdict(results: Results, beginning: str) -> Verdict:
    (found,) = [verdict for verdict in judge(results) if verdict.target.text.startswith(beginning)]
    return found


def measured(**rates: Rate) -> Results:
    results = Results()
    for name, rate in rates.items():
        results.note(Line[name], rate)
    return results


def a_past(orders: int, messages: int, per_second: float, plans: list[Plan] | None = None) -> Results:
    return Results(flat=Flat(orders, messages, Rate(100), Rate(per_second), plans or [], {}))


def test_nothing_measured_means_nothing_met_and_nothing_missed():
    assert {found.outcome for found in judge(Results())} == {Outcome.NOT_MEASURED}


def test_the_saga_is_held_against_the_floor_and_the_chain_of_the_same_run():
    results = measured(FLOOR=Rate(1_000), CHAIN=Rate(100), SAGA=Rate(400))

    assert verdict(results, "1 saga only, of the floor").figure == 0.4
    assert verdict(results, "1 saga only, of the floor").outcome == Outcome.MET
    assert verdict(results, "1 saga only, of the Celery chain").figure == 4.0
    assert verdict(results, "1 saga only, of the Celery chain").outcome == Outcome.MISSED
    assert verdict(results, "1 saga only, of DBOS").outcome == Outcome.NOT_MEASURED


def test_the_median_of_the_rounds_decides():
    results = measured(FLOOR=Rate(1_000))
    for per_second in (100, 310, 900):
        results.note(Line.SAGA, Rate(per_second))

    assert verdict(results, "1 saga only, of the floor").figure == 0.31


def test_latency_is_good_when_it_is_low():
    results = measured(
        CHAIN=Rate(1, p95=90), HTTP=Rate(1, p95=91), CHAIN_ALONE=Rate(1, p95=16), HTTP_ALONE=Rate(1, p95=30, p50=20)
    )

    assert verdict(results, "3 p95 at 8").outcome == Outcome.MISSED
    assert verdict(results, "3 p95 at 1").outcome == Outcome.MET
    assert verdict(results, "8 unloaded p50").outcome == Outcome.MET


def test_a_short_past_does_not_count_as_flat():
    assert verdict(a_past(100_000, 1_000_000, 100), "5 speed").outcome == Outcome.NOT_MEASURED
    assert verdict(a_past(1_000_000, 10_000_000, 95), "5 speed").outcome == Outcome.MET
    assert verdict(a_past(1_000_000, 10_000_000, 80), "5 speed").outcome == Outcome.MISSED


def test_one_plan_that_reads_a_big_table_is_one_too_many():
    good, bad = Plan("SELECT 1", ("order_newest",), ()), Plan("SELECT 2", ("Seq Scan on t",), ("t",))

    assert verdict(a_past(1, 1, 100, [good]), "5 big tables").outcome == Outcome.MET
    assert verdict(a_past(1, 1, 100, [good, bad]), "5 big tables").outcome == Outcome.MISSED


def test_a_quiet_stack_counts_everybody_together():
    results = Results(idle=Idle(own=0.6, postgres=0.5, redis=0.1, total=1.2))

    assert verdict(results, "5 quiet stack").outcome == Outcome.MISSED


def test_a_verdict_says_what_was_found_and_what_was_wanted():
    text = str(verdict(measured(FLOOR=Rate(1_000), SAGA=Rate(250)), "1 saga only, of the floor"))

    assert text.split() == ["MISSED", "1", "saga", "only,", "of", "the", "floor:", "0.25", "(wanted", "≥", "0.3)"]
