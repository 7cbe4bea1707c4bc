"""What is always true of imports: every row of the file is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

COUNTED: Final = """
    SELECT id, rows, new + changed + unchanged + rejected FROM catalog_productimport
    WHERE status IN ('READY', 'APPLYING', 'APPLIED') AND rows <> new + changed + unchanged + rejected LIMIT 100
"""
APPLIED: Final = """
    SELECT id, new + changed, applied + skipped FROM catalog_productimport
    WHERE (status = 'APPLIED' AND applied + skipped <> new + changed) OR applied + skipped > new + changed LIMIT 100
"""


def import_violations() -> Iterator[Violation]:
    """Imports whose counts do not add up, at most 100 per rule."""
    for key, rows, counted in fetch_rows(COUNTED):
        yield Violation("every row of a feed is of one kind", str(key), f"{rows} rows, {counted} accounted for")
    for key, differences, done in fetch_rows(APPLIED):
        yield Violation("every difference is applied or skipped", str(key), f"{differences} differences, {done} dealt with")
