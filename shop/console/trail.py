"""The audit trail of a span of time as a file: operators' actions, or what became of rows. Streamed, oldest first, masked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Model, Q

from shop.console.changes import Names, called, masked, may_be_shown, names_in
from shop.console.downloads import CSV, JSON_LINES, csv_lines
from shop.contracts.redaction import personal_names
from shop.messaging.models import ObjectChange, OperatorAction

CHUNK: Final = 2_000
FORMATS: Final = {"csv": CSV, "jsonl": JSON_LINES}


@dataclass(frozen=True, slots=True)
class Trail:
    """One of the two tables: its file's name, its columns, and a row as it may be handed out."""

    model: type[OperatorAction] | type[ObjectChange]
    name: str
    columns: Sequence[str]
    row: Callable[[Any, Names], Sequence[Any]]


def lines_of(trail: Trail, since: datetime, until: datetime, form: str) -> Iterator[str]:
    """Every row from ``since`` until just before ``until`` (UTC), many lines at a time; ``form`` is ``csv`` or ``jsonl``.

    By key, a chunk at a time: no transaction stays open for as long as somebody downloads.
    """
    if form == "csv":
        yield csv_lines([trail.columns])
    at, key = since, 0
    span = trail.model._default_manager.filter(at__gte=since, at__lt=until).order_by("at", "id")
    while rows := list[Any](span.filter(Q(at__gt=at) | Q(at=at, id__gt=key), at__gte=at)[:CHUNK]):
        names = names_in(rows) if trail.model is ObjectChange else {}
        told = [trail.row(row, names) for row in rows]
        yield csv_lines([[_cell(value) for value in row] for row in told]) if form == "csv" else _json_lines(trail.columns, told)
        at, key = rows[-1].at, rows[-1].pk


def trail_of(model: type[Model]) -> Trail:
    """How this table is exported."""
    return next(trail for trail in (ACTIONS, CHANGES) if trail.model is model)


def _action(row: OperatorAction, _names: Names) -> Sequence[Any]:
    return (
        row.pk, _time(row.at), row.actor, row.verb, row.target_type, row.target_id, row.reason,
        _without_persons(row.before), _without_persons(row.after), _text(row.correlation_id), row.transaction_id,
    )  # fmt: skip


def _change(row: ObjectChange, names: Names) -> Sequence[Any]:
    before, after = (
        {column: may_be_shown(row, column, value, names) for column, value in values.items()}
        for values in (row.before, row.after)
    )
    return (
        row.pk, _time(row.at), row.actor, row.via, row.verb, row.reason, called(row.table_name), row.table_name, row.object_id,
        row.operation, before, after, _text(row.correlation_id), row.request_id, row.transaction_id,
    )  # fmt: skip


def _without_persons(value: Any) -> Any:
    """JSON with what is called like a personal field of any contract masked."""
    if isinstance(value, list):
        return [_without_persons(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: masked(item) if key in personal_names() and item else _without_persons(item) for key, item in value.items()}


def _time(at: datetime) -> str:
    return at.isoformat()


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _json_lines(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    return "".join(f"{json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False)}\n" for row in rows)


ACTIONS: Final = Trail(
    OperatorAction,
    "operator-actions",
    ("id", "at", "actor", "verb", "targetType", "targetId", "reason", "before", "after", "correlationId", "transactionId"),
    _action,
)
CHANGES: Final = Trail(
    ObjectChange,
    "changes",
    (
        "id",
        "at",
        "actor",
        "via",
        "verb",
        "reason",
        "what",
        "table",
        "objectId",
        "operation",
        "before",
        "after",
        "correlationId",
        "requestId",
        "transactionId",
    ),
    _change,
)
