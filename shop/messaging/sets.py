"""Whole sets of rows in one statement: arrays in, ``unnest`` in the database. What hot paths use instead of row-by-row ORM."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from types import NoneType, SimpleNamespace
from typing import Any, Self, TypeVar
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from shop.messaging.statements import Statements

Column = tuple[str, str]  # name, Postgres type
M = TypeVar("M", bound=models.Model)


def insert_rows(table: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, tail: str = "") -> list[tuple[Any, ...]]:
    """Insert all ``rows`` in one statement; ``tail`` is for ON CONFLICT and RETURNING. Returns what RETURNING gave."""
    arrays = columns_of(rows, len(columns))
    if not arrays[0]:
        return []
    names = ", ".join(name for name, _ in columns)
    holes = ", ".join(f"%s::{kind}[]" for _, kind in columns)
    return fetch_rows(f"INSERT INTO {table} ({names}) SELECT * FROM unnest({holes}) {tail}", arrays)


def update_rows(
    table: str,
    key: Column,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    where: str = "",
    returning: str = "",
) -> list[tuple[Any, ...]]:
    """Set ``columns`` of the rows whose key comes first in each of ``rows``. ``t`` is the table, ``v`` the values, for
    ``where`` (a guard, ANDed) and ``returning``."""
    all_columns = (key, *columns)
    arrays = columns_of(rows, len(all_columns))
    if not arrays[0]:
        return []
    names = ", ".join(name for name, _ in all_columns)
    holes = ", ".join(f"%s::{kind}[]" for _, kind in all_columns)
    sets = ", ".join(f"{name} = v.{name}" for name, _ in columns)
    guard = f" AND ({where})" if where else ""
    tail = f" RETURNING {returning}" if returning else ""
    return fetch_rows(
        f"UPDATE {table} t SET {sets} FROM unnest({holes}) AS v({names}) WHERE t.{key[0]} = v.{key[0]}{guard}{tail}", arrays
    )


def write_fields(rows: Collection[models.Model], names: Sequence[str]) -> None:
    """Write the fields ``names`` of ``rows``, all of one model, as they are now: values, no expressions.

    What ``bulk_update`` does; that one builds a CASE with a condition per row for every field, which for fifty shipments costs
    a hundred times the statement itself.
    """
    if not rows:
        return
    model = type(next(iter(rows)))
    columns, readers = _written(model, tuple(names))
    update_rows(model._meta.db_table, columns[0], columns[1:], ([read(row) for read in readers] for row in rows))


def fetch_rows(sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of one statement; none of one that returns nothing."""
    bound = _bound(parameters)
    if (statements := _statements(bound)) is not None:
        with connection.wrap_database_errors:
            return statements.fetch(sql, bound)
    with _cursor() as cursor:
        cursor.execute(sql, bound)
        return cursor.fetchall() if cursor.description else []


def run(sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> int:
    """One statement for its effect; how many rows it touched."""
    bound = _bound(parameters)
    if (statements := _statements(bound)) is not None:
        with connection.wrap_database_errors:
            return statements.run(sql, bound)
    with _cursor() as cursor:
        cursor.execute(sql, bound)
        return int(cursor.rowcount)


def select(model: type[M], tail: str, parameters: Sequence[Any] = (), *, extra: str = "") -> list[M]:
    """Rows of ``model`` by a written-out statement; ``tail`` begins with WHERE, ``extra`` adds columns as attributes.

    For hot paths: what the ORM spends on compiling the same statement anew is most of what a small query costs.
    """
    rows = fetch_rows(f"{_select_all(model, extra)} {tail}", parameters)
    return [_instance(model, row, extra) for row in rows]


def all_columns(model: type[models.Model]) -> str:
    """Every column of ``model`` in the order of its fields, for RETURNING what ``instance`` reads."""
    return _select_all(model, "")[len("SELECT ") :].rpartition(" FROM ")[0]


def instance(model: type[M], row: Sequence[Any]) -> M:
    """The row of ``model`` that a statement gave with ``all_columns``."""
    return _instance(model, tuple(row), "")


def locked(model: type[M], keys: Iterable[Any], *, extra: str = "") -> list[M]:
    """The rows of ``model`` with these primary keys, locked in key order until the transaction ends. Those that do not exist
    are left out."""
    wanted = sorted(set(keys))
    key = model._meta.pk.column
    return select(model, f"WHERE {key} = ANY(%s) ORDER BY {key} FOR UPDATE", [wanted], extra=extra) if wanted else []


def _instance(model: type[M], row: tuple[Any, ...], extra: str) -> M:
    names, converters = _fields(model)
    values = [*row[: len(names)]]
    for index, convert in converters:
        values[index] = convert(values[index], None, connection)
    instance = model.from_db(connection.alias, names, values)
    if extra:
        setattr(instance, extra.rpartition(" ")[2], row[-1])
    return instance


@cache
def _written(model: type[models.Model], names: tuple[str, ...]) -> tuple[list[Column], list[Callable[[models.Model], Any]]]:
    """The key's column and those of ``names`` with their types, and what reads each from a row."""
    fields: list[models.Field[Any, Any]] = [model._meta.pk, *(model._meta.get_field(name) for name in names)]  # type: ignore[list-item]
    return [(str(field.column), _kind(field)) for field in fields], [_reader(field) for field in fields]


def _kind(field: models.Field[Any, Any]) -> str:
    """Its type without a length: cast to one, a text that is too long would be cut instead of refused."""
    return "text" if isinstance(field, models.CharField) else str(field.db_type(connection))


def _reader(field: models.Field[Any, Any]) -> Callable[[models.Model], Any]:
    read = attrgetter(field.attname)
    if not isinstance(field, models.JSONField):
        return read
    return lambda row: None if (value := read(row)) is None else json.dumps(value, cls=field.encoder)


@cache
def _fields(model: type[models.Model]) -> tuple[list[str], list[tuple[int, Any]]]:
    fields = model._meta.concrete_fields
    converters = [(index, field.from_db_value) for index, field in enumerate(fields) if hasattr(field, "from_db_value")]
    return [field.attname for field in fields], converters


class _BindingCursor(psycopg.Cursor[Any]):
    """Binds in the server as ``Statements`` do, where Django wants to see a cursor. It prepares nothing: when the driver forgets
    what it has prepared, it forgets everybody else's as well."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> Self:
        try:
            return super().execute(query, params, prepare=False)
        finally:
            if connection.queries_logged:  # Django's log asks the cursor what it sent; a prepared statement is not sent again
                self._query = SimpleNamespace(query=query.encode())  # type: ignore[assignment]


def _statements(bound: Any) -> Statements | None:
    """How to send it without a cursor, or ``None`` where Django has to see every statement: it logs them, or somebody has put
    himself in between."""
    dressed: Any = connections[DEFAULT_DB_ALIAS]
    if not settings.DB_PREPARED_STATEMENTS or dressed.queries_logged or dressed.execute_wrappers:
        return None
    if dressed.connection is None or not dressed.in_atomic_block:
        dressed.close_if_health_check_failed()
        dressed.ensure_connection()
    dressed.validate_no_broken_transaction()
    return Statements.of(dressed.connection)


def _cursor() -> Any:
    """A cursor for statements that are written out; errors and query logs are Django's as ever."""
    if not settings.DB_PREPARED_STATEMENTS:
        return connection.cursor()
    connection.ensure_connection()
    dressed: Any = connection
    return dressed._prepare_cursor(_BindingCursor(dressed.connection))


@cache
def _select_all(model: type[models.Model], extra: str) -> str:
    columns = [f'"{field.column}"' for field in model._meta.concrete_fields]
    return f"SELECT {', '.join([*columns, extra] if extra else columns)} FROM {model._meta.db_table}"


def columns_of(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows turned into one list per column."""
    arrays = [list(column) for column in zip(*rows, strict=True)]
    return arrays or [[] for _ in range(width)]


def array_of(values: Iterable[Any]) -> str:
    """A Postgres array literal. The driver would look at every character with a regular expression; this costs a tenth."""
    return f"{{{','.join([_literal(value) for value in values])}}}"


def _literal(value: Any) -> str:
    as_text = _AS_TEXT.get(type(value))
    return as_text(value) if as_text else _quoted(str(value))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_AS_TEXT: dict[type, Callable[[Any], str]] = {
    str: _quoted,
    int: str,
    float: repr,
    UUID: lambda value: f"{value.int:032x}",
    bool: lambda value: "t" if value else "f",
    NoneType: lambda _: "NULL",
    datetime: lambda value: f'"{value.isoformat()}"',
}


def _bound(parameters: Sequence[Any] | Mapping[str, Any]) -> Any:
    if isinstance(parameters, Mapping):
        return {name: array_of(value) if isinstance(value, list) else value for name, value in parameters.items()}
    return [array_of(value) if isinstance(value, list) else value for value in parameters]
