"""What the statements of one page read: asked again with EXPLAIN ANALYZE, so that what is counted was read and not only
expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from config.bench.plans import BIG_TABLE, ROWS
from shop.messaging.sets import fetch_rows

MANY: Final = 60_000  # rows one look may read: two weeks of trade; lists are counted to ten thousand
EXPLAINED: Final = ("SELECT", "WITH")


@dataclass(frozen=True, slots=True)
class Asked:
    """One statement as it was asked, and how long the answer took in milliseconds."""

    sql: str
    parameters: Any
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Reading:
    """One scan that read too much: ``whole``: the table from end to end."""

    statement: str
    table: str
    index: str
    rows: int
    whole: bool

    def __str__(self) -> str:
        """One line."""
        way = "FROM END TO END" if self.whole else f"by {self.index}"
        return f"reads {self.rows:,} rows of {self.table} {way}: {self.statement}"


def excesses(asked: Sequence[Asked]) -> list[Reading]:
    """Scans that read a big table from end to end, or very many rows by an index."""
    return [reading for one in dict.fromkeys((one.sql, repr(one.parameters)) for one in asked) for reading in _of(one, asked)]


def _of(one: tuple[str, str], asked: Sequence[Asked]) -> Iterator[Reading]:
    found = next(each for each in asked if (each.sql, repr(each.parameters)) == one)
    if not found.sql.lstrip().upper().startswith(EXPLAINED):
        return
    sizes = dict(fetch_rows(ROWS, [BIG_TABLE]))
    ((plan,),) = fetch_rows(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {found.sql}", found.parameters or ())
    for node in _nodes(plan[0]["Plan"]):
        read = _rows_read(node)
        whole = node["Node Type"] == "Seq Scan" and read >= BIG_TABLE and read > sizes.get(node["Relation Name"], read) / 2
        if whole or read >= MANY:
            statement = " ".join(found.sql.split())
            yield Reading(statement[:300], node["Relation Name"], node.get("Index Name", ""), read, whole)


def _rows_read(node: dict[str, Any]) -> int:
    if "Relation Name" not in node:
        return 0
    each = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return round(each * node["Actual Loops"])


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
