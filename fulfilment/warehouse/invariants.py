"""What must always be true of picking: what is packed has left the stock exactly, and what is picked is held for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

BUDGET_SECONDS: Final = 120  # how long the stock of a cancelled job may be on its way back
MOST: Final = 100

EXACT: Final = "what was packed left the stock, exactly"
WHOLE: Final = "every line of a packed job is picked or left out"
HELD: Final = "what is being picked is held for it"
FREE: Final = "a cancelled job holds no stock"

MISCONSUMED: Final = """
    WITH packed AS (
        SELECT j.id, j.reservation_id, l.product_id, sum(l.picked) AS picked
        FROM fulfilment_pickingjob j JOIN fulfilment_pickingline l ON l.job_id = j.id
        WHERE j.status = 'PACKED' GROUP BY j.id, j.reservation_id, l.product_id
    ), moved AS (
        SELECT reservation_id, product_id, -sum(delta_on_hand) AS consumed FROM fulfilment_stockmovement
        WHERE kind = 'CONSUMED' GROUP BY reservation_id, product_id
    )
    SELECT p.id, p.product_id, p.picked, COALESCE(m.consumed, 0) FROM packed p
    LEFT JOIN moved m ON m.reservation_id = p.reservation_id AND m.product_id = p.product_id
    WHERE p.picked <> COALESCE(m.consumed, 0) LIMIT %s
"""
UNFINISHED: Final = """
    SELECT j.id, l.position FROM fulfilment_pickingjob j JOIN fulfilment_pickingline l ON l.job_id = j.id
    WHERE j.status = 'PACKED' AND l.picked + l.left_out <> l.quantity LIMIT %s
"""
NOT_HELD: Final = """
    SELECT j.id, COALESCE(r.status, 'missing') FROM fulfilment_pickingjob j
    LEFT JOIN fulfilment_reservation r ON r.id = j.reservation_id
    WHERE j.status = 'PICKING' AND (r.id IS NULL OR r.status <> 'HELD')
      AND COALESCE(r.closed_at, j.started_at) < now() - make_interval(secs => %s) LIMIT %s
"""
NOT_FREE: Final = """
    SELECT j.id, r.id FROM fulfilment_pickingjob j JOIN fulfilment_reservation r ON r.id = j.reservation_id
    WHERE j.status = 'CANCELLED' AND r.status = 'HELD' AND j.closed_at < now() - make_interval(secs => %s) LIMIT %s
"""


def check() -> Iterator[Violation]:
    """Everything wrong with picking; at most 100 of each kind."""
    for job_id, product_id, picked, consumed in fetch_rows(MISCONSUMED, [MOST]):
        yield Violation(EXACT, str(job_id), f"{picked} of {product_id} were packed, {consumed} left the stock")
    for job_id, position in fetch_rows(UNFINISHED, [MOST]):
        yield Violation(WHOLE, str(job_id), f"line {position} is neither")
    for job_id, status in fetch_rows(NOT_HELD, [BUDGET_SECONDS, MOST]):
        yield Violation(HELD, str(job_id), f"its reservation is {status}")
    for job_id, reservation_id in fetch_rows(NOT_FREE, [BUDGET_SECONDS, MOST]):
        yield Violation(FREE, str(job_id), f"reservation {reservation_id} still holds it")
