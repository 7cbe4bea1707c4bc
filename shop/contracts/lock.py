"""The published language as data: what ``contracts.lock.json`` holds and what clients generate code from."""

from __future__ import annotations

import json
from typing import Any

from shop.contracts.base import Message, Part
from shop.contracts.registry import ALL

Lock = dict[str, dict[str, Any]]


def _without_prose(schema: Any) -> Any:
    """The schema less what may be reworded at any time; a field that is called description stays."""
    if isinstance(schema, list):
        return [_without_prose(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _without_prose(value) for key, value in schema.items() if key != "description" or not isinstance(value, str)}


def schema_of(part: type[Part] | None, *, prose: bool) -> dict[str, Any] | None:
    """The JSON Schema of a message or response, with or without its descriptions."""
    if part is None:
        return None
    schema = part.json_schema()
    result: dict[str, Any] = schema if prose else _without_prose(schema)
    return result


def entry(message: type[Message], *, prose: bool = False) -> dict[str, Any]:
    """Everything a client may rely on about one message."""
    http = message.http
    return {
        "kind": message.kind,
        "owner": message.owner,
        "http": http and {"method": http.method, "path": http.path, "statuses": list(http.statuses)},
        "schema": schema_of(message, prose=prose),
        "response": schema_of(message.response, prose=prose),
        **({"meaning": message.meaning} if message.meaning else {}),
        **({"deprecated": deprecation(message)} if message.deprecated_since else {}),
    }


def deprecation(message: type[Message]) -> dict[str, str]:
    """Since when nobody should begin to use this version, and until when it is kept (ISO dates); empty for a current one."""
    dates = {"since": message.deprecated_since, "removedAfter": message.removed_after}
    return {name: day.isoformat() for name, day in dates.items() if day is not None}


def published(*, prose: bool = False) -> Lock:
    """Every message the code publishes now, by full name (``OrderCreated@1.0.0``)."""
    return {message.full_name(): entry(message, prose=prose) for message in ALL}


def render(lock: Lock) -> str:
    """Sorted JSON text, equal for equal contracts, so that a diff shows exactly what changed."""
    return json.dumps(lock, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
