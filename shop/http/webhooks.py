"""Reading what a provider has sent, once its signature has been verified."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shop.messaging.errors import Invalid


def read_event(body: bytes) -> Mapping[str, Any]:
    """The event in this body, an object with an object ``data``. Raises ``Invalid``."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise Invalid("invalid_json", "The body is not valid JSON.") from None
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        raise Invalid("invalid_event", "The body is not an event.")
    return event


def name_in(event: Mapping[str, Any], field: str, longest: int) -> str:
    """A printable text of this event, not empty and not longer than ``longest``. Raises ``Invalid``."""
    value = event.get(field)
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= longest:
        raise Invalid("invalid_event", f"The event has no usable {field}.")
    return value
