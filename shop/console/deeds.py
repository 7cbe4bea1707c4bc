"""What is said of a deed that was refused: why, and when the row has changed meanwhile also by whom."""

from __future__ import annotations

from typing import Final

from shop.console.formats import relative
from shop.console.history import actions_on
from shop.console.verbs import CHANGED
from shop.messaging.errors import Refused

STALE: Final = frozenset({CHANGED, "saga_changed"})


def told(refusal: Refused, key: str) -> str:
    """The sentence for the operator."""
    return f"{refusal.message}{_last_hand(key)}" if refusal.code in STALE else refusal.message


def _last_hand(key: str) -> str:
    last = actions_on([key]).order_by("-id").first()
    return f" {last.actor} did {last.verb} {relative(last.at)}: “{last.reason}”." if last else ""
