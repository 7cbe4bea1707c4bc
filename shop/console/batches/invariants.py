"""What is always true of batches: every row is accounted for, and one that is under way has mail that moves it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

COUNTED: Final = """
    SELECT id, total, done + refused + failed FROM shop_batch
    WHERE done + refused + failed > total OR (status = 'DONE' AND done + refused + failed <> total) LIMIT 100
"""
LEFT: Final = """
    SELECT b.id, r.position FROM shop_batch b
    CROSS JOIN LATERAL (SELECT position FROM shop_batchrow WHERE batch_id = b.id AND outcome = 'WAITING' LIMIT 1) AS r
    WHERE b.status = 'DONE' LIMIT 100
"""
WITHOUT_MAIL: Final = """
    SELECT b.id, b.status FROM shop_batch b
    WHERE b.status IN ('WAITING', 'RUNNING') AND NOT EXISTS (
        SELECT 1 FROM messaging_message m JOIN messaging_delivery d ON d.message_id = m.id
        WHERE m.key = b.id::text AND d.status IN ('open', 'leased', 'dead')
    ) LIMIT 100
"""


def batch_violations() -> Iterator[Violation]:
    """Batches whose counts do not add up or that nothing moves, at most 100 per rule."""
    for key, total, counted in fetch_rows(COUNTED):
        yield Violation("every row of a batch is counted once", str(key), f"{total} rows, {counted} dealt with")
    for key, position in fetch_rows(LEFT):
        yield Violation("a batch that is done has no row left", str(key), f"row {position} waits")
    for key, status in fetch_rows(WITHOUT_MAIL):
        yield Violation("a batch under way has mail that moves it", str(key), f"it is {status.lower()} and has none")
