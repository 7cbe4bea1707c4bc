"""The narrow ways past the triggers that keep the audit trail append-only. What each lets through, the trigger decides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

from shop.messaging.sets import run

PERMIT: Final = "SELECT set_config('shop.audit_permit', %s, true)"


@contextmanager
def permitted(what: Literal["erase", "prune"]) -> Iterator[None]:
    """``erase``: reasons, before and after may be replaced. ``prune``: rows older than 30 days may go. Needs a transaction."""
    run(PERMIT, [what])
    yield
    run(PERMIT, [""])  # after an error the transaction is over, and the permit with it
