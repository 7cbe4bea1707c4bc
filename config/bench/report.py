"""The run on one screen, and the same as JSON to compare with later ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.bench.console import Pages
from config.bench.console.measuring import Took
from config.bench.flat import Flat
from config.bench.idle import Idle
from config.bench.importing import Imported
from config.bench.machine import Machine
from config.bench.rates import Rate
from config.bench.results import Line, Results
from config.bench.search import Searched
from config.bench.targets import judge

COLUMNS = (
    "per s", "of floor", "of chain", "p50 ms", "p95 ms", "POST p50", "CPU own", "CPU pg", "CPU redis", "commits", "statements",
)  # fmt: skip
NAME_WIDTH = 44
CELL = "{:>11}"


def lines(results: Results, machine: Machine, *, rounds: int) -> Iterator[str]:
    """What is printed, line by line."""
    yield f"machine: {machine}"
    if not machine.durable:
        yield "THIS POSTGRES IS NOT DURABLE: the figures do not count."
    yield f"medians of {rounds} rounds; CPU in ms per flow, commits and statements per flow"
    yield " " * NAME_WIDTH + "".join(CELL.format(column) for column in COLUMNS)
    for line in Line:
        if rate := results.median(line):
            yield f"{line:<{NAME_WIDTH}}" + "".join(CELL.format(cell) for cell in _cells(rate, results))
    yield from _beyond_checkouts(results)
    yield "targets:"
    for verdict in judge(results):
        yield f"  {verdict}"


def _beyond_checkouts(results: Results) -> Iterator[str]:
    if results.idle:
        yield _idle(results.idle)
    if results.imported:
        yield _imported(results.imported)
    if results.flat:
        yield from _flat(results.flat)
    if results.search:
        yield from _search(results.search)
    if results.pages:
        yield from _pages(results.pages)


def save(results: Results, machine: Machine, folder: Path) -> Path:
    """Write everything, every round included, to ``folder/<UTC time>.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}.json"
    file.write_text(json.dumps(as_json(results, machine), indent=1, ensure_ascii=False) + "\n")
    return file


def as_json(results: Results, machine: Machine) -> dict[str, Any]:
    """The same as plain values."""
    return {
        "machine": asdict(machine),
        "rounds": {line.name: [asdict(rate) for rate in rates] for line, rates in results.rounds.items()},
        "medians": {line.name: asdict(rate) for line in Line if (rate := results.median(line))},
        "idle": asdict(results.idle) if results.idle else None,
        "flat": asdict(results.flat) if results.flat else None,
        "imported": asdict(results.imported) if results.imported else None,
        "search": asdict(results.search) if results.search else None,
        "pages": asdict(results.pages) if results.pages else None,
        "targets": [
            {"target": verdict.target.text, "bound": verdict.target.bound, "figure": verdict.figure, "outcome": verdict.outcome}
            for verdict in judge(results)
        ],
    }


def _cells(rate: Rate, results: Results) -> Iterator[str]:
    yield f"{rate.per_second:,.0f}"
    for base in (results.median(Line.FLOOR), results.median(Line.CHAIN)):
        yield f"{rate.per_second / base.per_second:.2f}" if base else "-"
    for figure in (rate.p50, rate.p95, rate.accept_p50):
        yield _cell(figure, 1)
    for figure in (rate.cpu_own, rate.cpu_postgres, rate.cpu_redis, rate.commits, rate.statements):
        yield _cell(figure, 2)


def _cell(figure: float | None, digits: int) -> str:
    return "-" if figure is None else f"{figure:.{digits}f}"


def _idle(idle: Idle) -> str:
    shares = f"own {idle.own:.2f}, Postgres {_cell(idle.postgres, 2)}, Redis {_cell(idle.redis, 2)}"
    return f"quiet stack: {idle.total:.2f} % of one core ({shares})"


def _imported(imported: Imported) -> str:
    steps = f"stored in {imported.store:.1f} s, compared in {imported.compare:.1f} s, applied in {imported.apply:.1f} s"
    again = f"the same feed again: {imported.again:.1f} s, nothing changed"
    return f"import of {imported.rows:,} new products: {imported.per_second:,.0f} rows per s ({steps}); {again}"


def _search(searched: Searched) -> Iterator[str]:
    yield f"searching {searched.products:,} products; p50, p95 and CPU of Postgres in ms, matches of the first query, indexes:"
    for each in searched.took:
        total = f"{each.total:,}{'' if each.exact else '+'}"
        indexes = dict.fromkeys(name for plan in each.plans for name in plan.how if " on " not in name)
        yield f"  {each.name:<44} {each.p50:>8.1f} {each.p95:>8.1f} {_cell(each.cpu, 1):>8} {total:>8}  {', '.join(indexes)}"


SHOWN_FROM = 0.5  # of the target: what comes near it is shown by itself
PAGE_TARGET = 300.0
PAGE_CELLS = "{:>9.0f} {:>8.0f} {:>8.0f} {:>8.0f} {:>8} {:>6}"


def _pages(pages: Pages) -> Iterator[str]:
    """One line per screen: its slowest look; then every look that comes near the target or reads too much."""
    yield (
        f"the back office with {pages.orders:,} orders and {pages.messages:,} messages, {pages.requests} requests of each "
        "look; of each screen the slowest look: p50, p95, longest, CPU of Python and of Postgres in ms, statements"
    )
    by_screen: dict[str, list[Took]] = {}
    for one in pages.took:
        by_screen.setdefault(one.screen, []).append(one)
    for screen, looks in by_screen.items():
        slowest = max(looks, key=lambda one: one.p95)
        yield f"  {screen:<24} {_look(slowest)}  {slowest.what}, of {len(looks)}"
    for one in pages.took:
        if one.p95 > PAGE_TARGET * SHOWN_FROM:
            because = f"slowest statement {one.slowest:.0f} ms: {one.slowest_statement}"
            yield f"  NEAR OR ABOVE: {one.screen}, {one.what}: p95 {one.p95:.0f} ms; {because}"
        for reading in one.excesses:
            yield f"  {one.screen}, {one.what} {reading}"
    for name, seconds in pages.checks:
        yield f"  invariants of {name}: {seconds:.1f} s"


def _look(one: Took) -> str:
    return PAGE_CELLS.format(one.p50, one.p95, one.longest, one.cpu, _cell(one.cpu_postgres, 0), one.statements)


def _flat(flat: Flat) -> Iterator[str]:
    yield (
        f"with a past of {flat.orders:,} orders and {flat.messages:,} messages: {flat.full.per_second:,.0f} per s, "
        f"{flat.ratio:.2f} of the {flat.empty.per_second:,.0f} without"
    )
    for plan in flat.plans:
        warning = f"  READS ALL OF {', '.join(plan.read_through)}" if plan.read_through else ""
        yield f"  {plan.statement:<60}  {', '.join(plan.how)}{warning}"
    for table, rows in flat.read_through.items():
        yield f"  while measuring, {rows:,} rows of {table} were read by sequential scans"
