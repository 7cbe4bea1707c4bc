"""What must be true between orders and fulfilment, from the released order to the doorstep; each check is one statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

BUDGET_SECONDS: Final = 120  # how long one department may lag behind the facts of another
MOST: Final = 100

PICKED: Final = "every order being fulfilled has its picking job"
STOPPED: Final = "nothing is picked or under way for an order that has ended"
ARRIVED: Final = "a completed order has arrived"

WITHOUT_JOB: Final = """
    SELECT o.id FROM ordering_order o JOIN ordering_orderstatushistory h ON h.order_id = o.id AND h.new_status = 'FULFILLING'
    WHERE o.lifecycle_status = 'FULFILLING' AND h.changed_at < now() - make_interval(secs => %s)
      AND NOT EXISTS (SELECT 1 FROM fulfilment_pickingjob j WHERE j.order_id = o.id)
    LIMIT %s
"""
NOT_STOPPED: Final = """
    SELECT o.id, h.new_status, under_way.what FROM (
        SELECT order_id, 'picking job ' || id AS what FROM fulfilment_pickingjob WHERE status IN ('CREATED', 'PICKING')
        UNION ALL
        SELECT order_id, 'shipment ' || id FROM fulfilment_shipment WHERE status IN ('REQUESTED', 'CREATED')
    ) under_way
    JOIN ordering_order o ON o.id = under_way.order_id
    JOIN ordering_orderstatushistory h ON h.order_id = o.id AND h.new_status IN ('COMPLETED', 'CANCELLED')
    WHERE h.changed_at < now() - make_interval(secs => %s)
    LIMIT %s
"""
NOT_ARRIVED: Final = """
    SELECT o.id FROM ordering_order o
    WHERE o.lifecycle_status = 'COMPLETED'
      AND NOT EXISTS (SELECT 1 FROM fulfilment_shipment s WHERE s.order_id = o.id AND s.status = 'DELIVERED')
    LIMIT %s
"""


def violations_on_the_way() -> Iterator[Violation]:
    """Orders and fulfilment contradicting each other; at most 100 of each kind."""
    for (order_id,) in fetch_rows(WITHOUT_JOB, [BUDGET_SECONDS, MOST]):
        yield Violation(PICKED, str(order_id), "it has none")
    for order_id, status, what in fetch_rows(NOT_STOPPED, [BUDGET_SECONDS, MOST]):
        yield Violation(STOPPED, str(order_id), f"it is {status}, yet {what} is open")
    for (order_id,) in fetch_rows(NOT_ARRIVED, [MOST]):
        yield Violation(ARRIVED, str(order_id), "no shipment of it was delivered")
