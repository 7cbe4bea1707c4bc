"""What must be true between an order, its money and its stock, once it is paid, held, changed or over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

BUDGET_SECONDS: Final = 120  # how long one department may lag behind the facts of another
MOST: Final = 100

TOTAL: Final = "captured is the order's total"
UNTOUCHED: Final = "nothing is captured while a hold is open"
LET_GO: Final = "a cancelled order holds no stock"
GIVEN_BACK: Final = "a cancelled order keeps no money"

# An order may have several payments, and what an amendment or a short pick returned was never for these goods. What a person
# gave back besides is a gesture; a failed return stays owed, and is seen among the refunds.
OTHER_AMOUNT: Final = """
    SELECT o.id, o.total, m.captured - m.returned - COALESCE(f.forgone, 0) FROM ordering_order o
    JOIN (
        SELECT p.order_id, sum(p.captured_amount) AS captured, sum(COALESCE(r.amount, 0)) AS returned,
               bool_and(p.status IN ('SUCCEEDED', 'FAILED', 'VOIDED')) AS settled
        FROM payments_payment p LEFT JOIN (
            SELECT payment_id, sum(amount) AS amount FROM payments_refund
            WHERE kind IN ('AMENDMENT', 'SHORT_PICK') AND retry_of_id IS NULL GROUP BY payment_id
        ) r ON r.payment_id = p.id
        GROUP BY p.order_id
    ) m ON m.order_id = o.id
    LEFT JOIN (SELECT order_id, sum(forgone) AS forgone FROM payments_orderreturn GROUP BY order_id) f ON f.order_id = o.id
    WHERE m.settled AND m.captured - m.returned - COALESCE(f.forgone, 0) <> o.total AND o.payment_id IS NOT NULL
      AND m.captured > 0
      AND o.lifecycle_status <> 'CANCELLED' AND o.terminal_status <> 'CANCELLED'
      AND NOT EXISTS (SELECT 1 FROM ordering_orderadjustment a WHERE a.order_id = o.id
                      AND (a.status = 'OPEN' OR a.closed_at > now() - make_interval(secs => %s)))
    LIMIT %s
"""
STOCK_OF_CANCELLED: Final = """
    SELECT o.id, r.id FROM fulfilment_reservation r JOIN ordering_order o ON o.id = r.order_id
    WHERE r.status = 'HELD' AND o.terminal_status = 'CANCELLED' AND o.ended_at < now() - make_interval(secs => %s)
    LIMIT %s
"""
MONEY_OF_CANCELLED: Final = """
    SELECT o.id, p.status, p.captured_amount - COALESCE(r.amount, 0) FROM ordering_order o
    JOIN payments_payment p ON p.order_id = o.id
    LEFT JOIN (
        SELECT f.payment_id, sum(f.amount) AS amount FROM payments_refund f
        WHERE NOT EXISTS (SELECT 1 FROM payments_refund again WHERE again.retry_of_id = f.id) GROUP BY f.payment_id
    ) r ON r.payment_id = p.id
    WHERE o.terminal_status = 'CANCELLED' AND o.ended_at < now() - make_interval(secs => %s)
      AND (p.captured_amount > COALESCE(r.amount, 0) OR p.status = 'AUTHORIZED' AND p.ask_again_at IS NULL)
    LIMIT %s
"""
TAKEN_WHILE_HELD: Final = """
    SELECT o.id, h.placed_at, p.capture_asked_at FROM ordering_orderhold h
    JOIN ordering_order o ON o.id = h.order_id JOIN payments_payment p ON p.order_id = o.id
    WHERE h.released_at IS NULL AND p.capture_asked_at > h.placed_at LIMIT %s
"""


def violations_of_ended_and_paid_orders() -> Iterator[Violation]:
    """Every order whose money or stock is not what its state says; at most 100 of each kind."""
    for order_id, total, captured in fetch_rows(OTHER_AMOUNT, [BUDGET_SECONDS, MOST]):
        yield Violation(TOTAL, str(order_id), f"the order is {total}, captured is {captured}")
    for order_id, reservation in fetch_rows(STOCK_OF_CANCELLED, [BUDGET_SECONDS, MOST]):
        yield Violation(LET_GO, str(order_id), f"cancelled, yet reservation {reservation} holds stock")
    for order_id, status, kept in fetch_rows(MONEY_OF_CANCELLED, [BUDGET_SECONDS, MOST]):
        yield Violation(GIVEN_BACK, str(order_id), f"cancelled, yet a payment is {status} with {kept} kept")
    for order_id, held, asked in fetch_rows(TAKEN_WHILE_HELD, [MOST]):
        yield Violation(UNTOUCHED, str(order_id), f"held since {held:%F %T}, and its money was asked for at {asked:%F %T}")
