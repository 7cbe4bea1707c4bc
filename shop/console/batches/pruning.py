"""A batch is kept long enough to look at what came of it; the audit rows of its deeds are kept for longer."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from shop.contracts.console import PruneBatches
from shop.messaging.bus import send
from shop.messaging.sets import fetch_rows

# The rows first, however many they are; a batch goes once it has none. By their places: joined with the chunk, the whole table
# would be read for each.
ROWS: Final = """
    WITH gone AS (
        DELETE FROM shop_batchrow WHERE ctid = ANY (ARRAY(
            SELECT r.ctid FROM shop_batch b JOIN shop_batchrow r ON r.batch_id = b.id
            WHERE b.ended_at < now() - make_interval(days => %s) LIMIT %s
        )) RETURNING position
    )
    SELECT count(*) FROM gone
"""
BATCHES: Final = """
    WITH gone AS (
        DELETE FROM shop_batch b WHERE b.ended_at < now() - make_interval(days => %s)
        AND NOT EXISTS (SELECT 1 FROM shop_batchrow r WHERE r.batch_id = b.id) RETURNING b.id
    )
    SELECT count(*) FROM gone
"""


def prune(command: PruneBatches) -> None:
    """One chunk; while chunks are full it asks itself again."""
    rows = fetch_rows(ROWS, [settings.BATCH_KEEP_DAYS, command.limit])[0][0]
    fetch_rows(BATCHES, [settings.BATCH_KEEP_DAYS])
    if rows >= command.limit:
        send(command)
