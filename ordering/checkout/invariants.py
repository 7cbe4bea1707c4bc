"""What must always be true of checkouts. Each check is one statement; the open ones are few and found by index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

MOST = 100  # violations shown per rule; one is bad enough
OVERDUE = 120  # seconds a deadline may pass unnoticed: the sweeper looks more often than that

NO_ORDER: Final = """
    SELECT s.id, s.order_id FROM ordering_checkoutsession s
    LEFT JOIN ordering_order o ON o.id = s.order_id
    WHERE s.state = 'COMPLETED' AND o.id IS NULL
    LIMIT %s
"""
ORDER_IN_SPITE: Final = """
    SELECT s.id, o.id, s.state FROM ordering_checkoutsession s
    JOIN ordering_order o ON o.checkout_session_id = s.id
    WHERE s.reason <> '' AND s.state <> 'COMPLETED'
    LIMIT %s
"""
NOT_MOVING: Final = """
    SELECT id, state, due_at FROM ordering_checkoutsession
    WHERE state NOT IN ('COMPLETED', 'ABORTED', 'NEEDS_ATTENTION')
      AND (due_at IS NULL OR due_at < now() - make_interval(secs => %s))
    LIMIT %s
"""
PARKED_SILENTLY: Final = """
    SELECT id FROM ordering_checkoutsession
    WHERE state = 'NEEDS_ATTENTION' AND (error = '' OR due_at IS NOT NULL)
    LIMIT %s
"""
ENDED_UNCLEANLY: Final = """
    SELECT id, state FROM ordering_checkoutsession
    WHERE state IN ('COMPLETED', 'ABORTED')
      AND (finished_at IS NULL OR due_at IS NOT NULL OR cardinality(undoing) > 0 OR (state = 'ABORTED') <> (reason <> ''))
    LIMIT %s
"""
MIXED_UP: Final = """
    SELECT s.id, o.id FROM ordering_checkoutsession s
    JOIN ordering_order o ON o.checkout_session_id = s.id
    WHERE o.id <> s.order_id OR o.cart_id <> s.cart_id OR o.customer_id <> s.customer_id
       OR o.currency <> s.currency OR (o.total <> s.total AND o.revision = 1)
    LIMIT %s
"""


def checkout_violations() -> Iterator[Violation]:
    """Invariants 4, 5 and 6 as far as ordering's own tables tell."""
    yield from _orders()
    yield from _progress()


def _orders() -> Iterator[Violation]:
    for session, order in fetch_rows(NO_ORDER, [MOST]):
        yield Violation("no paid checkout without an order", str(session), f"completed, but order {order} is not there")
    for session, order, state in fetch_rows(ORDER_IN_SPITE, [MOST]):
        yield Violation("no order of a failed checkout", str(session), f"{state}, and yet there is order {order}")
    for session, order in fetch_rows(MIXED_UP, [MOST]):
        yield Violation("one cart, one session, one order", str(session), f"order {order} is not the one it was for")


def _progress() -> Iterator[Violation]:
    for session, state, due_at in fetch_rows(NOT_MOVING, [OVERDUE, MOST]):
        since = f"nobody acted on its deadline of {due_at:%H:%M:%S} UTC" if due_at else "it waits without a deadline"
        yield Violation("every checkout is terminal, moving or parked", str(session), f"{state}: {since}")
    for (session,) in fetch_rows(PARKED_SILENTLY, [MOST]):
        yield Violation("every checkout is terminal, moving or parked", str(session), "parked without saying why")
    for session, state in fetch_rows(ENDED_UNCLEANLY, [MOST]):
        yield Violation("every checkout is terminal, moving or parked", str(session), f"{state} with loose ends")
