"""Everything one run has found out, round by round."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from config.bench.console import Pages
from config.bench.flat import Flat
from config.bench.idle import Idle
from config.bench.importing import Imported
from config.bench.rates import Rate, middle
from config.bench.search import Searched


class Line(StrEnum):
    """A line of the table; the text is how it is printed."""

    FLOOR = "floor: pgbench, one transaction, 8 clients"
    FLOOR_THREE = "pgbench, three transactions, 8 clients"
    FLOOR_HOT = "pgbench, one hot product, 8 clients"
    VIEW = "peer: Django view, granian 2x4, 8 clients"
    CHAIN = "peer: Celery chain, 8 in flight"
    CHAIN_ALONE = "peer: Celery chain, 1 in flight"
    SAGA_ONE = "shop: saga only, 1 worker process"
    SAGA = "shop: saga only, 2 worker processes"
    HOT = "shop: saga only, one hot product"
    ACCEPT = "shop: POST checkout only, 8 clients"
    HTTP_ALONE = "shop: over HTTP, 1 in flight"
    HTTP = "shop: over HTTP, 8 in flight"
    REVIEWS = "shop: a page of 100,000 reviews"


@dataclass(slots=True)
class Results:
    """What the rounds measured; parts that were left out are empty or ``None``."""

    rounds: dict[Line, list[Rate]] = field(default_factory=dict)
    flat: Flat | None = None
    idle: Idle | None = None
    imported: Imported | None = None
    search: Searched | None = None
    pages: Pages | None = None

    def note(self, line: Line, rate: Rate) -> None:
        """Keep one round's measurement."""
        self.rounds.setdefault(line, []).append(rate)

    def median(self, line: Line) -> Rate | None:
        """The medians of one line; ``None`` when it was not measured."""
        rates = self.rounds.get(line)
        return middle(rates) if rates else None
