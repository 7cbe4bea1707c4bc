"""What must be true between departments. Only the roof may look into several of them at once; each check is one statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from config.order_invariants import violations_of_ended_and_paid_orders
from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

BUDGET_SECONDS: Final = 120  # how long one department may lag behind the facts of another
MOST: Final = 100

STOCKED: Final = "every open order has its stock"
PAID: Final = "every open order has its payment"
OWED: Final = "money is held only for an order or a checkout under way"
STARTED: Final = "every checked-out cart has one checkout"
SETTLED: Final = "no use is held once its checkout is over"
FORGOTTEN: Final = "an erased customer's orders say nothing of them"

WITHOUT_STOCK: Final = """
    SELECT o.id, COALESCE(r.status, 'missing') FROM ordering_order o
    LEFT JOIN fulfilment_reservation r ON r.id = o.reservation_id
    WHERE o.reservation_id IS NOT NULL AND o.lifecycle_status IN ('CREATED', 'CONFIRMED', 'ON_HOLD', 'AWAITING_FULFILMENT')
      AND (r.id IS NULL OR r.status <> 'HELD')
      AND NOT EXISTS (SELECT 1 FROM ordering_orderhold h
                      WHERE h.order_id = o.id AND h.reason = 'INVENTORY_RECHECK' AND h.released_at IS NULL)
      AND o.created_at < now() - make_interval(secs => %s)
    LIMIT %s
"""
WITHOUT_PAYMENT: Final = """
    SELECT o.id, COALESCE(p.status, 'missing') FROM ordering_order o
    LEFT JOIN payments_payment p ON p.id = o.payment_id
    WHERE o.payment_id IS NOT NULL AND o.lifecycle_status NOT IN ('CANCELLED', 'ARCHIVED')
      AND (p.id IS NULL OR p.status NOT IN ('AUTHORIZED', 'SUCCEEDED'))
    LIMIT %s
"""
HELD_FOR_NOBODY: Final = """
    SELECT p.id, s.state FROM payments_payment p JOIN ordering_checkoutsession s ON s.id = p.checkout_session_id
    WHERE p.status = 'AUTHORIZED' AND s.state = 'ABORTED' AND s.finished_at < now() - make_interval(secs => %s)
    LIMIT %s
"""
CHARGED_FOR_NOTHING: Final = """
    SELECT p.id, s.state FROM payments_payment p JOIN ordering_checkoutsession s ON s.id = p.checkout_session_id
    WHERE s.state = 'ABORTED' AND p.captured_amount > p.refunded_amount LIMIT %s
"""
NEVER_STARTED: Final = """
    SELECT c.id, c.checkout_session_id FROM shop_cart c
    WHERE c.status = 'CHECKED_OUT' AND c.checked_out_at < now() - make_interval(secs => %s)
      AND NOT EXISTS (SELECT 1 FROM ordering_checkoutsession s WHERE s.cart_id = c.id AND s.id = c.checkout_session_id)
    LIMIT %s
"""

HELD_FOR_LONG: Final = """
    SELECT u.id, s.state FROM shop_promotionuse u JOIN ordering_checkoutsession s ON s.id = u.checkout_session_id
    WHERE u.status = 'HELD' AND s.state IN ('COMPLETED', 'ABORTED') AND s.finished_at < now() - make_interval(secs => %s)
    LIMIT %s
"""
STILL_SAYS_WHO: Final = """
    SELECT o.id FROM shop_erasure e JOIN ordering_order o ON o.customer_id = e.customer_id
    WHERE o.delivery_address ->> 'line1' <> 'erased' AND NOT o.legal_hold AND e.requested_at < now() - make_interval(secs => %s)
    LIMIT %s
"""


def violations_between_departments() -> Iterator[Violation]:
    """Everything that departments disagree about; at most 100 of each kind."""
    yield from violations_of_ended_and_paid_orders()
    for order_id, status in fetch_rows(WITHOUT_STOCK, [BUDGET_SECONDS, MOST]):
        yield Violation(STOCKED, str(order_id), f"its reservation is {status}")
    for order_id, status in fetch_rows(WITHOUT_PAYMENT, [MOST]):
        yield Violation(PAID, str(order_id), f"its payment is {status}")
    for payment_id, state in fetch_rows(HELD_FOR_NOBODY, [BUDGET_SECONDS, MOST]):
        yield Violation(OWED, str(payment_id), f"still held, yet its checkout is {state}")
    for payment_id, state in fetch_rows(CHARGED_FOR_NOTHING, [MOST]):
        yield Violation(OWED, str(payment_id), f"charged and not refunded, yet its checkout is {state}")
    for cart_id, session in fetch_rows(NEVER_STARTED, [BUDGET_SECONDS, MOST]):
        yield Violation(STARTED, str(cart_id), f"its checkout {session} never began")


def violations_about_customers() -> Iterator[Violation]:
    """What a checkout or an erasure should have settled elsewhere; at most 100 of each kind."""
    for use_id, state in fetch_rows(HELD_FOR_LONG, [BUDGET_SECONDS, MOST]):
        yield Violation(SETTLED, str(use_id), f"still held, yet its checkout is {state}")
    for (order_id,) in fetch_rows(STILL_SAYS_WHO, [BUDGET_SECONDS, MOST]):
        yield Violation(FORGOTTEN, str(order_id), "its customer was erased, and it still says where they live")
