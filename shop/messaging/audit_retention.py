"""The audit trail is kept as long as the orders it is about, at most, and then removed in chunks, the oldest first."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from shop.contracts.messaging import PruneAuditTrail
from shop.messaging.audit_sql import APPEND_ONLY, YOUNGEST_PRUNED_DAYS
from shop.messaging.bus import send
from shop.messaging.permits import permitted
from shop.messaging.sets import fetch_rows

# The oldest come first by their key; only they are looked at.
PRUNE: Final = """
    WITH oldest AS (SELECT id, at FROM {table} ORDER BY id LIMIT %s),
    gone AS (
        DELETE FROM {table} WHERE id = ANY (ARRAY(SELECT id FROM oldest WHERE at < now() - make_interval(days => %s)))
        RETURNING id
    )
    SELECT count(*) FROM gone
"""


def days_kept() -> int:
    """``AUDIT_RETENTION_DAYS``, within what the law of the books and the trigger allow."""
    return max(YOUNGEST_PRUNED_DAYS, min(settings.AUDIT_RETENTION_DAYS, settings.ORDER_RETENTION_DAYS))


def prune_audit_trail(command: PruneAuditTrail) -> None:
    """One chunk of each table; while chunks are full it asks itself again."""
    if max(prune_audit_chunk(command.limit)) >= command.limit:
        send(command)


def prune_audit_chunk(limit: int, days: int | None = None) -> tuple[int, ...]:
    """Remove up to ``limit`` rows of each table that are older than ``days``, or the retention; how many of each.

    Fewer than 30 days are refused by the database with an ``IntegrityError``. Needs a transaction.
    """
    keep = days_kept() if days is None else days
    with permitted("prune"):
        return tuple(int(fetch_rows(PRUNE.format(table=table), [limit, keep])[0][0]) for table in APPEND_ONLY)
