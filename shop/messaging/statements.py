"""Written-out statements sent without a cursor: bound and prepared in the server, one trip there and back, and no more.

A cursor looks at the connection, at its own state and at what it is given a dozen times around each trip. For a checkout of
some fifty statements that is as much work as the trips themselves. Values are dumped and rows are loaded by the driver as
ever, with the same types; errors are the driver's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from re import Match
from re import compile as pattern
from typing import Any, Final

from psycopg import Connection, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

MOST_PREPARED: Final = 500  # statements one connection remembers
GOOD: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
HOLE: Final = pattern(r"%(?:%|s|\((?P<name>\w+)\)s)")
UNKNOWN_STATEMENT: Final = "26000"

Values = Sequence[Any] | Mapping[str, Any]


class Statements:
    """The prepared statements of one connection. Blocks until the server answers; a statement ends by its own time limit."""

    def __init__(self, raw: Connection[Any]) -> None:
        self._raw = raw
        self._line = raw.pgconn
        self._transformer = Transformer(raw)
        self._made = 0
        self._names: dict[tuple[str, tuple[int, ...]], bytes] = {}

    @classmethod
    def of(cls, raw: Any) -> Statements:
        """Those of this connection: made with it, gone with it."""
        found: Statements | None = getattr(raw, "shop_statements", None)
        if found is None:
            found = raw.shop_statements = cls(raw)
        return found

    def fetch(self, sql: str, values: Values) -> list[tuple[Any, ...]]:
        """All rows of one statement. Raises ``psycopg.Error``."""
        result = self._sent(sql, values)
        self._transformer.set_pgresult(result)
        rows: list[tuple[Any, ...]] = self._transformer.load_rows(0, result.ntuples, tuple)
        return rows

    def run(self, sql: str, values: Values) -> int:
        """One statement for its effect; how many rows it touched. Raises ``psycopg.Error``."""
        return self._sent(sql, values).command_tuples or 0

    def _sent(self, sql: str, values: Values) -> PGresult:
        if not self._raw.autocommit and self._line.transaction_status == TransactionStatus.IDLE:
            self._good(self._line.exec_(b"BEGIN"))
        transformer = self._transformer
        query, names = _numbered(sql)
        given = [values[name] for name in names] if isinstance(values, Mapping) else values
        dumped: Any = transformer.dump_sequence(given, [PyFormat.AUTO] * len(given))
        types = transformer.types or ()
        name = self._names.get((sql, types)) or self._prepared(sql, query, types)
        return self._good(self._line.exec_prepared(name, dumped, transformer.formats))

    def _prepared(self, sql: str, query: bytes, types: tuple[int, ...]) -> bytes:
        if len(self._names) >= MOST_PREPARED:
            for name in self._names.values():
                self._good(self._line.exec_(b"DEALLOCATE " + name))
            self._names.clear()
        self._made += 1
        name = f"shop_{self._made}".encode()
        self._good(self._line.prepare(name, query, types))
        self._names[sql, types] = name
        return name

    def _good(self, result: PGresult) -> PGresult:
        if result.status not in GOOD:
            error = error_from_result(result)
            if error.sqlstate == UNKNOWN_STATEMENT:  # somebody has deallocated what this connection had prepared
                self._names.clear()
            if self._line.status == ConnStatus.BAD:  # said by the line itself, which knows no SQLSTATE
                raise OperationalError(str(error)) from error
            raise error
        return result


@cache
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement with its placeholders as Postgres numbers them (``%%`` is a percent sign), and the names of those that have
    one: each is one parameter, however often it occurs."""
    names: list[str] = []
    count = 0

    def number(found: Match[str]) -> str:
        nonlocal count
        name = found["name"]
        if found[0] == "%%":
            return "%"
        if name is None:
            count += 1
            return f"${count}"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return HOLE.sub(number, sql).encode(), tuple(names)
