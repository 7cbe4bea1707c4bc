"""Ten searches in a catalogue of a million: how long each takes, through the very function the API asks, and by which indexes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import psutil

from catalog.search.searching import search_products
from config.bench.plans import Plan, explained
from config.history import wares
from shop.contracts.search import SearchFilters, SearchProducts
from shop.messaging.sets import fetch_rows

TARGET_PRODUCTS: Final = 1_000_000
REPEATS: Final = 20  # of each search, every time with other words


@dataclass(frozen=True, slots=True)
class Search:
    """One kind of search. ``queries`` are typed one after the other, so that no answer is just the last one again."""

    name: str
    queries: Sequence[str]
    given: dict[str, Any] = field(default_factory=dict)

    def query(self, number: int) -> SearchProducts:
        """What is asked the ``number``-th time."""
        return SearchProducts(query=self.queries[number % len(self.queries)], **self.given)


@dataclass(frozen=True, slots=True)
class Took:
    """One kind of search: milliseconds of waiting, and of Postgres's CPU where that can be told; how many it found the first
    time, and the plans of its statements."""

    name: str
    query: str
    p50: float
    p95: float
    cpu: float | None
    total: int
    exact: bool
    plans: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Searched:
    """All kinds of search in a catalogue of so many products."""

    products: int
    took: list[Took]

    @property
    def slowest(self) -> float | None:
        """The p95 of the slowest kind, in milliseconds; ``None`` below the size that the target speaks of."""
        return max(each.p95 for each in self.took) if self.products >= TARGET_PRODUCTS else None


def searches() -> list[Search]:
    """The ten that ``docs/search.md`` documents."""
    things, adjectives, materials, brands = wares.THINGS, wares.ADJECTIVES, wares.MATERIALS, wares.brands()
    rare = brands[1_500::25]
    slips = [f"{t[0]}{t[2]}{t[1]}{t[3:]}" for t in things if len(t) > 4]
    cheap = SearchFilters(min_price=2_000, max_price=2_500)
    return [
        Search("1 a SKU", [f"BENCH-{number * 7_919 % 20_000 + 1}" for number in range(1, 40)]),
        Search("2 a rare word", rare),
        Search("3 a common word", adjectives),
        Search("4 two common words", [f"{a} {t}" for a, t in zip(adjectives, things, strict=False)]),
        Search("5 a full name", [f"{a} {m} {t} {b}" for a, m, t, b in zip(adjectives, materials, things, brands, strict=False)]),
        Search("6 the beginning of a word", [thing[:3] for thing in things if len(thing) > 4]),
        Search("7 misspelt", [f"{slip} {material}" for slip, material in zip(slips, materials, strict=False)]),
        Search("8 a common word in a category", adjectives, {"filters": SearchFilters(category="Tools")}),
        Search("9 a common word in a narrow price range", things, {"filters": cheap}),
        Search("10 a common word, cheapest first, page 5", adjectives, {"sort": "price_asc", "page": 5}),
        Search("11 drafts with a common word (staff)", adjectives, {"filters": SearchFilters(status="DRAFT")}),
        Search("12 nothing like it", [f"{syllable}qqzz {syllable}" for syllable in wares.SYLLABLES]),
    ]


def measure(products: int, tell: Callable[[str], None]) -> Searched:
    """Fill the index, search it, and empty it again."""
    wares.write(products, tell)
    try:
        return Searched(products, [took(search) for search in searches()])
    finally:
        wares.empty()


def took(search: Search) -> Took:
    """One kind of search, warmed up once per connection as a web worker is."""
    first = search_products(search.query(0))
    times, before = [], backend_seconds()
    for number in range(REPEATS):
        query = search.query(number)
        started = time.perf_counter()
        search_products(query)
        times.append((time.perf_counter() - started) * 1_000)
    after = backend_seconds()
    cpu = (after - before) / REPEATS * 1_000 if after is not None and before is not None else None
    times.sort()
    plans = explained(lambda: search_products(search.query(0)))
    p95 = times[max(0, round(0.95 * len(times)) - 1)]
    return Took(
        search.name,
        search.query(0).query,
        statistics.median(times),
        p95,
        cpu,
        first.total,
        bool(first.total_is_exact),
        tuple(plans),
    )


def backend_seconds() -> float | None:
    """CPU that this connection's server process has used so far; ``None`` when it runs on another machine."""
    ((pid,),) = fetch_rows("SELECT pg_backend_pid()")
    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        return float(times.user + times.system) if "postgres" in process.name() else None
    except psutil.Error:
        return None
