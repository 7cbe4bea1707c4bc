"""Finding documents in Postgres: which match, which of them come first, and how many there are of what.

At most ``MOST_RANKED`` matches are looked at. A query that matches more is answered from that many, those that are called exactly
so always among them; its total says "at least", and sorted by price or rating it walks an index instead, which is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import floor, log2
from typing import Any, Final

from django.db import connection, transaction

from catalog.search import scoring
from catalog.search.found import BANDS, MOST_CATEGORIES, MOST_RANKED, STARS, Found, Hit
from catalog.search.generations import Generation
from catalog.search.states import DocumentState
from catalog.search.understanding import Understood, quoted
from shop.contracts.search import SearchFilters, Sort

MOST_CALLED_SO: Final = 100
HIGHEST_BAND: Final = 160  # a quarter of an octave above 10^12
INDEXES: Final = {
    "ACTIVE": "status = 'ACTIVE'",  # as the partial index says it, or the planner would not take it
    "DRAFT": "status IN ('DRAFT', 'ARCHIVED') AND status = 'DRAFT'",
    "ARCHIVED": "status IN ('DRAFT', 'ARCHIVED') AND status = 'ARCHIVED'",
}
ORDERS: Final[dict[str, str]] = {
    "relevance": "score DESC, product_id",
    "price_asc": "price, product_id",
    "price_desc": "price DESC, product_id DESC",
    "rating": "rating DESC, product_id",
}
SHOWN: Final = "product_id, sku, name, category, price, currency, rating, reviews"

FOUND: Final = """
    WITH called_so AS MATERIALIZED (
        SELECT {columns} FROM catalog_searchdocument WHERE {where} LIMIT {most_called_so}
    ), others AS MATERIALIZED (
        SELECT {columns} FROM catalog_searchdocument WHERE {where} LIMIT {most_ranked} + 1
    ), found AS (
        SELECT * FROM called_so UNION ALL SELECT * FROM others WHERE NOT head @@ %s::tsquery
    )
"""
RANKED: Final = (
    FOUND
    + """
    , page AS (SELECT *, {score} AS score FROM found ORDER BY {order} LIMIT %s OFFSET %s)
    SELECT 'hit', product_id::text, sku, name, category, price, currency, score FROM page
    UNION ALL SELECT 'total', NULL, NULL, NULL, NULL, count(*), NULL, NULL FROM found
    UNION ALL (SELECT 'category', NULL, NULL, NULL, category, count(*) AS count, NULL, NULL FROM found
               WHERE category <> '' GROUP BY category ORDER BY count DESC, category LIMIT {most_categories})
    UNION ALL SELECT 'band', NULL, NULL, NULL, NULL, count(*), NULL, band FROM (
        SELECT width_bucket(price, %s::bigint[]) AS band FROM found) AS b GROUP BY band
    UNION ALL SELECT 'stars', NULL, NULL, NULL, NULL, count(*), NULL, stars FROM (
        SELECT stars FROM found, unnest(%s::int[]) AS stars WHERE reviews > 0 AND rating >= stars) AS s GROUP BY stars
"""
)
# In the order of an index: what matches is so common that a page is full soon.
WALK: Final = """
    SELECT 'hit', product_id::text, sku, name, category, price, currency, {score} AS score
    FROM catalog_searchdocument WHERE {where} ORDER BY {order} LIMIT %s OFFSET %s
"""
# Memory for the bitmap of a common word; with less it forgets which rows and remembers pages only. And never the whole table:
# the planner does not know that the words are kept elsewhere.
AS_SEARCHES_NEED_IT: Final = "SELECT set_config('work_mem', '64MB', true), set_config('enable_seqscan', 'off', true)"
PARTS: Final = """
    SELECT status, words @@ %s::tsquery, {parts} FROM catalog_searchdocument WHERE half = %s AND product_id = %s
"""


def find(generation: Generation, understood: Understood, filters: SearchFilters, sort: Sort, *, limit: int, offset: int) -> Found:
    """What matches, best first or in the order asked for. Products that are not active only when the filter asks for them."""
    where, values = _where(generation, understood.tsquery, filters)
    _, values_called_so = _where(generation, understood.called_so, filters)
    score, score_values = scoring.score(understood)
    whole = understood.called_so
    sql = RANKED.format(
        columns=f"{SHOWN}, name_words, head", where=where, score=score, order=ORDERS[sort], most_called_so=MOST_CALLED_SO,
        most_ranked=MOST_RANKED, most_categories=MOST_CATEGORIES,
    )  # fmt: skip
    rows = _rows(sql, [*values_called_so, *values, whole, *score_values, limit, offset, list(BANDS), list(STARS)])
    found = _found(rows)
    if found.exact or sort == "relevance":
        return found
    sql = WALK.format(score=score, where=where, order=ORDERS[sort])
    return replace(found, hits=_hits(_rows(sql, [*score_values, *values, limit, offset])))


def explain(generation: Generation, understood: Understood, product_id: Any) -> tuple[str, bool, scoring.Scored] | None:
    """Of one document: its status, whether it matches, and its score in parts. ``None`` when it is not in the index."""
    pieces = scoring.parts(understood)
    sql = PARTS.format(parts=", ".join(f"{piece}::float8" for piece, _ in pieces))
    values = [value for _, some in pieces for value in some]
    rows = _rows(sql, [understood.tsquery, *values, generation.half, product_id])
    if not rows:
        return None
    status, matches, *worth = rows[0]
    many = len(understood.words)
    return status, matches, scoring.Scored(tuple(worth[:many]), *worth[many:])


def _where(generation: Generation, tsquery: str, filters: SearchFilters) -> tuple[str, list[Any]]:
    terms = [f"({tsquery})"]
    sql = [f"half = {generation.half}", INDEXES[filters.status or DocumentState.ACTIVE.value], "words @@ %s::tsquery"]
    values: list[Any] = []
    if filters.category is not None:
        terms.append(quoted(f"=c:{filters.category}"))
        sql.append("category = %s")
        values.append(filters.category)
    if filters.min_price is not None or filters.max_price is not None:
        terms.append(_bands(filters.min_price or 0, filters.max_price))
    if filters.min_price is not None:
        sql.append("price >= %s")
        values.append(filters.min_price)
    if filters.max_price is not None:
        sql.append("price <= %s")
        values.append(filters.max_price)
    return " AND ".join(sql), [" & ".join(terms), *values]


def _bands(lowest: int, highest: int | None) -> str:
    """The quarter octaves that prices from ``lowest`` to ``highest`` are in, one more on each side against rounding."""
    first = max(_band(lowest) - 1, 0)
    last = HIGHEST_BAND if highest is None else min(_band(highest) + 1, HIGHEST_BAND)
    return f"({' | '.join(quoted(f'=p:{band}') for band in range(first, max(first, last) + 1))})"


def _band(price: int) -> int:
    return floor(4 * log2(price + 1))


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Planned for its very values, which differ as much as what people look for: never as a prepared statement."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(AS_SEARCHES_NEED_IT)
        cursor.execute(sql, values)
        return cursor.fetchall()


def _hits(rows: Sequence[tuple[Any, ...]]) -> tuple[Hit, ...]:
    return tuple(Hit(*row[1:]) for row in rows if row[0] == "hit")


def _found(rows: Sequence[tuple[Any, ...]]) -> Found:
    (total,) = (row[5] for row in rows if row[0] == "total")
    bands = {int(row[7]): row[5] for row in rows if row[0] == "band"}
    stars = {int(row[7]): row[5] for row in rows if row[0] == "stars"}
    upper = (*BANDS[1:], None)
    return Found(
        hits=_hits(rows),
        total=min(total, MOST_RANKED),
        exact=total <= MOST_RANKED,
        categories=tuple((row[4], row[5]) for row in rows if row[0] == "category"),
        bands=tuple((BANDS[at - 1], upper[at - 1], bands[at]) for at in sorted(bands)),
        stars=tuple((many, stars.get(many, 0)) for many in STARS if stars),
    )
