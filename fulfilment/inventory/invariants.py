"""Invariant 1: on hand is available plus reserved, the ledger adds up, and reserved is what open reservations hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

# Sums and count in one pass over the ledger; a full join also finds a ledger without stock.
LEDGER_AND_STOCK: Final = """
    SELECT COALESCE(s.product_id, m.product_id), s.on_hand, s.reserved, s.version, m.on_hand, m.reserved, m.movements, m.last
    FROM fulfilment_stockitem s FULL JOIN (
        SELECT product_id, sum(delta_on_hand) AS on_hand, sum(delta_reserved) AS reserved,
               count(*) AS movements, max(sequence) AS last
        FROM fulfilment_stockmovement GROUP BY product_id
    ) m ON m.product_id = s.product_id
    WHERE s.product_id IS NULL
       OR s.on_hand <> COALESCE(m.on_hand, 0) OR s.reserved <> COALESCE(m.reserved, 0)
       OR s.version <> COALESCE(m.movements, 0) OR s.version <> COALESCE(m.last, 0)
    LIMIT 100
"""
# Every line of the ledger says what it came to: the figures of the line before it, and its own differences.
LEDGER_LINE_BY_LINE: Final = """
    SELECT product_id, sequence, on_hand_after, reserved_after FROM (
        SELECT product_id, sequence, on_hand_after, reserved_after, delta_on_hand, delta_reserved,
               lag(on_hand_after, 1, 0) OVER w AS on_hand_before, lag(reserved_after, 1, 0) OVER w AS reserved_before
        FROM fulfilment_stockmovement WINDOW w AS (PARTITION BY product_id ORDER BY sequence)
    ) line
    WHERE on_hand_after <> on_hand_before + delta_on_hand OR reserved_after <> reserved_before + delta_reserved
       OR on_hand_after < 0 OR reserved_after < 0 OR reserved_after > on_hand_after
    LIMIT 100
"""
RESERVED_AND_HELD: Final = """
    SELECT COALESCE(s.product_id, h.product_id), COALESCE(s.reserved, 0), COALESCE(h.quantity, 0)
    FROM fulfilment_stockitem s FULL JOIN (
        SELECT l.product_id, sum(l.quantity) AS quantity
        FROM fulfilment_reservation r JOIN fulfilment_reservationline l ON l.reservation_id = r.id
        WHERE r.status = 'HELD' GROUP BY l.product_id
    ) h ON h.product_id = s.product_id
    WHERE COALESCE(s.reserved, 0) <> COALESCE(h.quantity, 0)
    LIMIT 100
"""
OUT_OF_BOUNDS: Final = """
    SELECT product_id, on_hand, reserved FROM fulfilment_stockitem
    WHERE on_hand < 0 OR reserved < 0 OR reserved > on_hand LIMIT 100
"""


def check() -> Iterator[Violation]:
    """Every product whose figures contradict its ledger or its reservations, at most 100 per rule."""
    for product_id, on_hand, reserved in fetch_rows(OUT_OF_BOUNDS):
        detail = f"{on_hand} on hand, {reserved} reserved"
        yield Violation("stock is neither negative nor promised twice", str(product_id), detail)
    for product_id, on_hand, reserved, version, *sums in fetch_rows(LEDGER_AND_STOCK):
        detail = f"stock says {on_hand}/{reserved} after {version} movements, its ledger {sums[0]}/{sums[1]} after {sums[2]}"
        yield Violation("stock equals the sum of its ledger", str(product_id), detail)
    for product_id, sequence, on_hand, reserved in fetch_rows(LEDGER_LINE_BY_LINE):
        detail = f"line {sequence} does not come to {on_hand}/{reserved}"
        yield Violation("every ledger line follows from the one before", str(product_id), detail)
    for product_id, reserved, held in fetch_rows(RESERVED_AND_HELD):
        detail = f"{reserved} reserved, open reservations hold {held}"
        yield Violation("reserved is what open reservations hold", str(product_id), detail)
