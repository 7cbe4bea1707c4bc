"""One round: every part, one after the other, on the same servers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from config.bench import floor, hot, over_http, reviews, saga_only, shop_data
from config.bench.peers import measure as peers
from config.bench.results import Line, Results


class Part(StrEnum):
    """What ``--only`` can choose."""

    FLOOR = "floor"
    PEERS = "peers"
    SAGA = "saga"
    HOT = "hot"
    HTTP = "http"
    REVIEWS = "reviews"
    IDLE = "idle"
    IMPORT = "import"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much each measurement does: seconds of pgbench, flows without HTTP, flows over HTTP or through a peer."""

    seconds: int
    count: int
    http_count: int

    @property
    def alone(self) -> int:
        """Flows with one in flight: they take longer and vary less."""
        return max(self.http_count // 3, 20)


def run(parts: Collection[Part], sizes: Sizes, results: Results, logs: Path, tell: Callable[[str], None]) -> None:
    """Measure ``parts`` once and note what came out. The shop's tables are emptied first."""
    shop_data.empty()
    shop = shop_data.stock_up()
    if Part.FLOOR in parts:
        _floor(sizes, results)
        tell("floor done")
    if Part.PEERS in parts:
        _peers(sizes, results, logs)
        tell("peers done")
    if Part.SAGA in parts:
        for line, processes in ((Line.SAGA_ONE, 1), (Line.SAGA, 2)):
            results.note(line, saga_only.measure(logs, shop, processes=processes, count=sizes.count))
        tell("saga only done")
    if Part.HOT in parts:
        results.note(Line.HOT, hot.measure(logs, shop, processes=2, count=sizes.count))
        tell("hot product done, exact to the unit")
    if Part.HTTP in parts:
        _over_http(sizes, results, logs, shop)
        tell("over HTTP done")
    if Part.REVIEWS in parts:
        results.note(Line.REVIEWS, reviews.measure())
        tell("reviews done")


def _floor(sizes: Sizes, results: Results) -> None:
    for line, script in (
        (Line.FLOOR, floor.script(transactions=1)),
        (Line.FLOOR_THREE, floor.script(transactions=3)),
        (Line.FLOOR_HOT, floor.hot_script()),
    ):
        results.note(line, floor.measure(script, seconds=sizes.seconds))


def _peers(sizes: Sizes, results: Results, logs: Path) -> None:
    results.note(Line.VIEW, peers.view(logs, clients=8, count=sizes.http_count))
    results.note(Line.CHAIN_ALONE, peers.chain(logs, clients=1, count=sizes.alone))
    results.note(Line.CHAIN, peers.chain(logs, clients=8, count=sizes.http_count))


def _over_http(sizes: Sizes, results: Results, logs: Path, shop: shop_data.Shop) -> None:
    results.note(Line.ACCEPT, over_http.accepting(logs, shop, clients=8, count=sizes.http_count))
    results.note(Line.HTTP_ALONE, over_http.end_to_end(logs, shop, clients=1, count=sizes.alone))
    results.note(Line.HTTP, over_http.end_to_end(logs, shop, clients=8, count=sizes.http_count))
