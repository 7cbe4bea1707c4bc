import json
from dataclasses import replace
from pathlib import Path

from config.bench import report
from config.bench.flat import Flat
from config.bench.idle import Idle
from config.bench.importing import Imported
from config.bench.machine import Machine
from config.bench.plans import Plan
from config.bench.rates import Rate
from config.bench.results import Line, Results

MACHINE = Machine(
    cores=2, load=0.1, python="3.11.7", postgres="18.6", fsync="on", synchronous_commit="on", full_page_writes="on", redis="9.1"
)


def results() -> Results:
    found = Results(
        flat=Flat(10, 20, Rate(100), Rate(90), [Plan("SELECT mail", ("delivery_open",), ())], {"ordering_order": 12_345}),
        idle=Idle(own=0.3, postgres=0.2, redis=None, total=0.5),
        imported=Imported(rows=1_000, store=0.5, compare=1.5, apply=8.0, again=1.0),
    )
    found.note(Line.FLOOR, Rate(1_000, p50=3.5, p95=5.25, cpu_own=0.1, cpu_postgres=0.8, commits=1.0, statements=10))
    found.note(Line.CHAIN, Rate(100))
    found.note(Line.SAGA, Rate(450, cpu_own=2.5))
    return found


def printed(machine: Machine = MACHINE) -> list[str]:
    return list(report.lines(results(), machine, rounds=1))


def test_a_line_stands_beside_the_floor_and_the_chain():
    (saga,) = [line for line in printed() if line.startswith(Line.SAGA)]

    assert saga.removeprefix(Line.SAGA).split() == ["450", "0.45", "4.50", "-", "-", "-", "2.50", "-", "-", "-", "-"]


def test_lines_that_were_not_measured_are_not_printed():
    assert not [line for line in printed() if line.startswith(Line.HTTP)]


def test_plans_sequential_reads_and_the_quiet_stack_are_said():
    text = "\n".join(printed())

    assert "delivery_open" in text
    assert "12,345 rows of ordering_order were read by sequential scans" in text
    assert "quiet stack: 0.50 % of one core (own 0.30, Postgres 0.20, Redis -)" in text


def test_an_import_is_told_with_its_steps():
    (told,) = [line for line in printed() if line.startswith("import")]

    assert told.startswith("import of 1,000 new products: 100 rows per s (stored in 0.5 s, compared in 1.5 s, applied in 8.0 s)")


def test_a_postgres_that_may_lose_commits_is_called_out():
    assert not [line for line in printed() if "NOT DURABLE" in line]
    assert [line for line in printed(replace(MACHINE, fsync="off")) if "NOT DURABLE" in line]


def test_the_kept_copy_holds_every_round_and_every_verdict(tmp_path: Path):
    kept = json.loads(report.save(results(), MACHINE, tmp_path / "bench").read_text())

    assert kept["machine"]["cores"] == 2
    assert kept["rounds"]["FLOOR"][0]["p95"] == 5.25
    assert kept["medians"]["SAGA"]["per_second"] == 450
    assert {"target": "1 saga only, of the floor", "bound": 0.3, "figure": 0.45, "outcome": "met"} in kept["targets"]
