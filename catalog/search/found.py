"""What a search comes to, whichever engine found it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MOST_RANKED: Final = 1_000  # matches that are ranked and counted; of a query with more there are "at least" so many
MOST_CATEGORIES: Final = 20
BANDS: Final = (0, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000)  # facets of price, minor units
STARS: Final = (4, 3, 2, 1)


@dataclass(frozen=True, slots=True)
class Hit:
    """One document that was found; the price in minor units."""

    product_id: str
    sku: str
    name: str
    category: str
    price: int
    currency: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """A page of matches, how many there are (at least, unless ``exact``), and how many of what.

    ``meant`` is the query that was answered instead, if nothing matched what was typed.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    exact: bool = True
    categories: tuple[tuple[str, int], ...] = ()
    bands: tuple[tuple[int, int | None, int], ...] = ()
    stars: tuple[tuple[int, int], ...] = ()
    meant: str | None = None
