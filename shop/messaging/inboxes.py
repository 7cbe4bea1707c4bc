"""Redacting webhooks that were kept as they came: found by the ids they name, chunk by chunk in order of the inbox's own ids."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shop.contracts.redaction import ERASED
from shop.messaging.ages import first_id_of
from shop.messaging.sets import fetch_rows

CHUNK: Final = 2_000

# ``table`` is one of ours, named in code.
END: Final = "SELECT id FROM {table} WHERE id > %s ORDER BY id LIMIT 1 OFFSET %s"
NAMING: Final = """
    SELECT id, body FROM {table} WHERE id > %s AND (%s::uuid IS NULL OR id <= %s::uuid)
      AND EXISTS (SELECT 1 FROM unnest(%s::text[]) AS said WHERE position(convert_to(said, 'UTF8') IN body) > 0)
    ORDER BY id FOR NO KEY UPDATE
"""
BEFORE: Final = f"SELECT {first_id_of('%s::timestamptz')}"


def just_before(moment: datetime) -> UUID:
    """Where to begin for webhooks that came since then."""
    ((first,),) = fetch_rows(BEFORE, [moment])
    found: UUID = first
    return found


def redact_webhooks(table: str, texts: Sequence[str], names: Collection[str], after: UUID) -> UUID | None:
    """Redact what is called like one of ``names`` in the bodies of one chunk that say one of ``texts``.

    Returns where to go on, or nothing at the end.
    """
    ends = fetch_rows(END.format(table=table), [after, CHUNK - 1])
    end = ends[0][0] if ends else None
    rows = []
    for webhook_id, body in fetch_rows(NAMING.format(table=table), [after, end, end, list(texts)]):
        clean = _without(json.loads(bytes(body)), frozenset(names))
        rows.append((webhook_id, json.dumps(clean, separators=(",", ":"))))
    for webhook_id, text in rows:
        fetch_rows(f"UPDATE {table} SET body = convert_to(%s, 'UTF8') WHERE id = %s RETURNING id", [text, webhook_id])
    return end


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_without(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _blank(item) if key in names else _without(item, names) for key, item in value.items()}


def _blank(value: Any) -> Any:
    """Text is replaced; anything with parts is gone altogether."""
    return ERASED if isinstance(value, str) and value else None
