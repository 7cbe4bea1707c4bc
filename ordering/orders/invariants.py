"""What must always be true of orders. Each check is one statement over joins that hash well: seconds at a million rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

MOST = 100  # violations shown per rule; one is bad enough

TOTALS: Final = """
    SELECT o.id, o.subtotal, COALESCE(l.worth, 0)
    FROM ordering_order o
    LEFT JOIN (
        SELECT order_id, sum(quantity * unit_price) AS worth FROM ordering_orderline GROUP BY order_id
    ) l ON l.order_id = o.id
    WHERE o.lifecycle_status <> 'ARCHIVED' AND (COALESCE(l.worth, 0) <> o.subtotal OR l.worth IS NULL)
    LIMIT %s
"""
# Gapless: as many rows as the highest sequence says, the first is 1, and the last one leads to where the order is.
HISTORY: Final = """
    SELECT o.id, o.status_sequence, o.lifecycle_status, h.rows, h.last, h.reached
    FROM ordering_order o
    LEFT JOIN (
        SELECT order_id, count(*) AS rows, max(sequence) AS last,
               (array_agg(new_status ORDER BY sequence DESC))[1] AS reached
        FROM ordering_orderstatushistory GROUP BY order_id
    ) h ON h.order_id = o.id
    WHERE COALESCE(h.rows, 0) <> o.status_sequence OR COALESCE(h.last, 0) <> o.status_sequence
       OR COALESCE(h.reached, 'CREATED') <> o.lifecycle_status
    LIMIT %s
"""
BROKEN_CHAIN: Final = """
    SELECT h.order_id, h.sequence, h.previous_status, p.new_status
    FROM ordering_orderstatushistory h
    JOIN ordering_orderstatushistory p ON p.order_id = h.order_id AND p.sequence = h.sequence - 1
    WHERE p.new_status <> h.previous_status
    LIMIT %s
"""
HOLDS: Final = """
    SELECT o.id, o.lifecycle_status, count(h.id) AS open
    FROM ordering_order o
    LEFT JOIN ordering_orderhold h ON h.order_id = o.id AND h.released_at IS NULL
    WHERE o.lifecycle_status = 'ON_HOLD' OR h.id IS NOT NULL
    GROUP BY o.id, o.lifecycle_status
    HAVING (o.lifecycle_status = 'ON_HOLD') <> (count(h.id) > 0)
       AND o.lifecycle_status NOT IN ('CANCELLED', 'ARCHIVED')
    LIMIT %s
"""
UNBACKED: Final = """
    SELECT id, reservation_id IS NULL, payment_id IS NULL OR payment_authorization_id = ''
    FROM ordering_order
    WHERE checkout_session_id IS NOT NULL
      AND (reservation_id IS NULL OR payment_id IS NULL OR payment_authorization_id = '')
    LIMIT %s
"""


ARCHIVED: Final = """
    SELECT o.id, a.order_id IS NULL, EXISTS (SELECT 1 FROM ordering_orderline l WHERE l.order_id = o.id)
    FROM ordering_order o LEFT JOIN ordering_orderarchive a ON a.order_id = o.id
    WHERE o.lifecycle_status = 'ARCHIVED'
      AND (a.order_id IS NULL OR EXISTS (SELECT 1 FROM ordering_orderline l WHERE l.order_id = o.id))
    LIMIT %s
"""


def order_violations() -> Iterator[Violation]:
    """Invariants 4 (its part of ordering) and 7 (history), and that the money of every order adds up."""
    for order, subtotal, worth in fetch_rows(TOTALS, [MOST]):
        yield Violation("order lines add up", str(order), f"lines are worth {worth}, the subtotal says {subtotal}")
    for order, sequence, status, rows, last, reached in fetch_rows(HISTORY, [MOST]):
        yield Violation(
            "order history is gapless",
            str(order),
            f"{status} at sequence {sequence}, but {rows or 0} rows up to {last or 0}, the last one to {reached}",
        )
    for order, sequence, previous, reached in fetch_rows(BROKEN_CHAIN, [MOST]):
        yield Violation(
            "order history is gapless", str(order), f"change {sequence} leaves {previous}, the one before led to {reached}"
        )
    for order, status, holds in fetch_rows(HOLDS, [MOST]):
        yield Violation("on hold while a hold is open", str(order), f"{status} with {holds} open holds")
    for order, unkept, lines in fetch_rows(ARCHIVED, [MOST]):
        problem = "is kept nowhere" if unkept else "still has its lines here" if lines else ""
        yield Violation("an archived order is kept, and elsewhere", str(order), f"it {problem}")
    for order, no_reservation, no_payment in fetch_rows(UNBACKED, [MOST]):
        missing = [word for word, gone in (("reservation", no_reservation), ("payment", no_payment)) if gone]
        yield Violation("no order without reservation and payment", str(order), f"it has no {' and no '.join(missing)}")
