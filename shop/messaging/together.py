"""Several tables written in one statement: what one decision changes is one trip to the database, whatever it touches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

from shop.messaging.sets import Column, columns_of, fetch_rows


class Together:
    """Collects inserts and updates, each of a whole set of rows, and writes them as one statement.

    All parts see the database as it was before, so no two of them may touch the same row. What has no rows is left out; foreign
    keys between the parts hold, for they are checked when the statement ends.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._parameters: list[Any] = []

    def insert(
        self,
        table: str,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Any]],
        *,
        tail: str = "",
        name: str = "",
        extra: Sequence[Column] = (),
        where: str = "",
    ) -> Self:
        """Insert ``rows``. ``tail`` is for ON CONFLICT and RETURNING, which another part may read by ``name``; ``extra`` are
        values behind the columns that are not inserted, but decide in ``where`` whether a row is."""
        names = ", ".join(column for column, _ in columns)
        guard = f" WHERE {where}" if where else ""
        head = f"INSERT INTO {table} ({names}) SELECT {names} FROM {{}}{guard} {tail}"
        return self._add(head, [*columns, *extra], rows, name)

    def update(self, table: str, key: Column, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Self:
        """Set ``columns`` of the rows whose key comes first in each of ``rows``."""
        changes = ", ".join(f"{column} = v.{column}" for column, _ in columns)
        return self._add(f"UPDATE {table} t SET {changes} FROM {{}} WHERE t.{key[0]} = v.{key[0]}", [key, *columns], rows, "")

    def write(self, answer: str = "SELECT 1 LIMIT 0") -> list[tuple[Any, ...]]:
        """Send it; ``answer`` may select from the parts that have a name and rows. Nothing to write is no statement."""
        if not self._parts:
            return []
        parts, parameters = self._parts, self._parameters
        self._parts, self._parameters = [], []
        return fetch_rows(f"WITH {', '.join(parts)} {answer}", parameters)

    def _add(self, sql: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], name: str) -> Self:
        arrays = columns_of(rows, len(columns))
        if arrays[0]:
            holes = ", ".join(f"%s::{kind}[]" for _, kind in columns)
            values = f"unnest({holes}) AS v({', '.join(column for column, _ in columns)})"
            self._parts.append(f"{name or f'part{len(self._parts)}'} AS ({sql.format(values)})")
            self._parameters += arrays
        return self
