"""Checkouts with their attempts, orders with lines, holds and the way they went, changes, and what was archived."""

from __future__ import annotations

from typing import Final

from config.history.cases import LINES

ADDRESS: Final = """jsonb_build_object('recipientName', CASE WHEN c.erased THEN 'erased' ELSE 'Somebody' END,
    'line1', CASE WHEN c.erased THEN 'erased' ELSE '1 Long Road' END, 'city', 'Berlin', 'postalCode', '10115', 'countryCode',
    'DE')"""
ERRORS: Final = [
    "ProgrammingError: the order could not be written",
    "Timeout: nobody answered within 120 s",
    "ValidationError: items.0.quantity is no number",
    "Refused: the product is not there any more",
]
ABORTED_BECAUSE: Final = ["PAYMENT_FAILED", "PAYMENT_FAILED", "OUT_OF_STOCK"]
WORDS: Final = {"errors": ERRORS, "aborted_because": ABORTED_BECAUSE}
SESSIONS: Final = """
    INSERT INTO ordering_checkoutsession (id, state, step, undoing, facts, opening, correlation_id, reason, error, fingerprint,
        due_at, started_at, updated_at, finished_at, cart_id, customer_id, order_id, reservation_id, payment_id, total, currency)
    SELECT session_id, session_state,
           CASE session_state WHEN 'COMPLETED' THEN 3 WHEN 'NEEDS_ATTENTION' THEN 2 ELSE 1 END,
           CASE session_state WHEN 'COMPENSATING' THEN ARRAY['ReserveInventory'] ELSE '{}'::text[] END,
           CASE WHEN session_state IN ('COMPLETED', 'NEEDS_ATTENTION')
                THEN jsonb_build_object('payment_authorization_id', 'pi_past_' || n) ELSE '{}' END,
           '{}', session_id,
           CASE session_state WHEN 'ABORTED' THEN pg_temp.pick(%(aborted_because)s, n, 401) WHEN 'COMPENSATING' THEN
           'PAYMENT_FAILED'
                ELSE '' END,
           CASE session_state WHEN 'NEEDS_ATTENTION' THEN pg_temp.pick(%(errors)s, n, 402) ELSE '' END,
           CASE session_state WHEN 'NEEDS_ATTENTION' THEN left(md5(pg_temp.pick(%(errors)s, n, 402)), 16) ELSE '' END,
           CASE WHEN session_state IN ('COMPENSATING', 'AUTHORIZING_PAYMENT') THEN now() + interval '1 day' END,
           at, at + interval '4 s', CASE WHEN session_state IN ('COMPLETED', 'ABORTED') THEN at + interval '4 s' END,
           cart_id, customer_id, order_id, reservation_id, payment_id, subtotal - discount, 'EUR'
    FROM past_case ORDER BY n
"""
ATTEMPTS: Final = """
    INSERT INTO ordering_checkoutattempt (record_id, step, undo, attempt, command_id, outcome, error, actor, started_at,
        finished_at)
    SELECT session_id, step, false, 1, gen_random_uuid(),
           CASE WHEN nr < steps OR session_state = 'COMPLETED' THEN 'done'
                WHEN session_state IN ('ABORTED', 'COMPENSATING') THEN 'failed'
                WHEN session_state = 'NEEDS_ATTENTION' THEN 'given_up' ELSE 'waiting' END,
           CASE WHEN nr = steps AND session_state = 'NEEDS_ATTENTION' THEN pg_temp.pick(%(errors)s, n, 402) ELSE '' END,
           'system:checkout', at + nr * interval '1 s',
           CASE WHEN nr = steps AND session_state IN ('AUTHORIZING_PAYMENT') THEN NULL ELSE at + nr * interval '1.2 s' END
    FROM (SELECT *, CASE WHEN session_state IN ('COMPLETED', 'NEEDS_ATTENTION') THEN 3 ELSE 2 END AS steps FROM past_case) c
    JOIN unnest(ARRAY['ReserveInventory', 'AuthorizePayment', 'CreateOrder']) WITH ORDINALITY s(step, nr) ON nr <= steps
    ORDER BY n, nr
"""
ORDERS: Final = f"""
    INSERT INTO ordering_order (id, confirmation_number, customer_id, cart_id, checkout_session_id, reservation_id, payment_id,
        payment_authorization_id, subtotal, discount, total, currency, applied_promotions, delivery_address, delivery_method,
        priority, lifecycle_status, terminal_status, status_sequence, version, created_at, confirmed_at, ended_at, archived_at,
        awaiting_since, cancel_reason, fulfilment_id, paid_at, warehouse_id, shipped_at)
    SELECT order_id, number, customer_id, cart_id, session_id, reservation_id, payment_id, 'pi_past_' || n, subtotal, discount,
           subtotal - discount, 'EUR',
           CASE WHEN promotion IS NULL THEN '[]' ELSE jsonb_build_array((SELECT name FROM past_promotion k WHERE k.k =
           promotion)) END,
           CASE stage WHEN 'archived' THEN NULL ELSE {ADDRESS} END, method, priority, order_state,
           CASE WHEN stage IN ('completed', 'archived') THEN 'COMPLETED' WHEN stage = 'cancelled' THEN 'CANCELLED' ELSE '' END,
           cardinality(way), cardinality(way), at + interval '3 s', CASE WHEN stage <> 'held' THEN at + interval '3 s' END,
           CASE WHEN stage IN ('completed', 'archived', 'cancelled') THEN ended_at END,
           CASE stage WHEN 'archived' THEN ended_at + interval '180 days' END,
           CASE WHEN payment_state = 'SUCCEEDED' THEN at + interval '5 s' END,
           CASE stage WHEN 'cancelled' THEN 'CUSTOMER_REQUESTED' ELSE '' END,
           CASE WHEN job_state IS NOT NULL THEN job_id END, CASE WHEN payment_state = 'SUCCEEDED' THEN at + interval '5 s' END,
           CASE WHEN job_state IS NULL THEN '' ELSE 'main' END,
           CASE WHEN shipment_state IN ('CREATED', 'DELIVERED', 'FAILED') THEN packed_at END
    FROM past_case c WHERE order_state IS NOT NULL ORDER BY n
"""
ORDER_LINES: Final = f"""
    INSERT INTO ordering_orderline (order_id, position, product_id, sku, name, quantity, unit_price)
    SELECT c.order_id, l.position, t.id, t.sku, t.name, l.quantity, t.price FROM {LINES}
    WHERE c.order_state IS NOT NULL AND c.stage <> 'archived'
"""
HISTORY: Final = """
    INSERT INTO ordering_orderstatushistory (order_id, sequence, previous_status, new_status, reason, actor, correlation_id,
        changed_at)
    SELECT order_id, nr, COALESCE(way[nr - 1], 'CREATED'), reached, '', 'system:ordering', session_id,
           CASE WHEN reached IN ('COMPLETED', 'CANCELLED') THEN ended_at WHEN reached = 'ARCHIVED' THEN ended_at + interval
           '180 days'
                ELSE at + nr * interval '3 s' END
    FROM past_case, unnest(way) WITH ORDINALITY w(reached, nr) WHERE order_state IS NOT NULL
"""
HOLDS: Final = """
    INSERT INTO ordering_orderhold (id, reason, owner_team, review_by, placed_at, placed_by, released_at, released_by, resolution,
        order_id)
    SELECT gen_random_uuid(), CASE WHEN mod(n, 3) = 0 THEN 'FRAUD_REVIEW' ELSE 'ADDRESS_VERIFICATION' END, 'support',
           at + interval '6 hours' + CASE WHEN mod(n, 2) = 0 THEN interval '30 days' ELSE interval '0' END,
           at + interval '3 s', 'system:ordering', CASE WHEN stage <> 'held' THEN at + interval '2 hours' END,
           CASE WHEN stage <> 'held' THEN 'staff:past' ELSE '' END, CASE WHEN stage <> 'held' THEN 'Looked at, and good' ELSE ''
           END,
           order_id
    FROM past_case WHERE stage = 'held' OR (stage = 'completed' AND mod(n, 50) = 7)
"""
ARCHIVES: Final = """
    INSERT INTO ordering_orderarchive (order_id, reference, checksum, category, archived_at)
    SELECT order_id, 'past/' || order_id || '.json', md5(order_id::text) || md5(number), 'STANDARD', ended_at + interval
        '180 days'
    FROM past_case WHERE stage = 'archived'
"""
# Some changes came about, some did not, and some are stuck or on their way back.
CHANGED: Final = """(
    SELECT *, at + interval '1 minute' AS asked_at, CASE stage WHEN 'completed' THEN at + interval '2 minutes' END AS closed_at,
           CASE WHEN stage = 'changing' THEN CASE WHEN odd THEN 'NEEDS_ATTENTION' ELSE 'COMPENSATING' END
                WHEN odd THEN 'COMPLETED' ELSE 'ABORTED' END AS state
    FROM (SELECT *, mod(n / %(stage_count)s, 2) = 1 AS odd FROM past_case) o
    WHERE stage = 'changing' OR stage = 'completed' AND (mod(n, 200) = 9 OR n > %(cases)s - %(open_cases)s)
) c"""
ADJUSTMENTS: Final = f"""
    INSERT INTO ordering_orderadjustment (id, kind, status, changes, quantities, changed_fields, previous_total, subtotal,
        discount, requested_by, reason, problem, requested_at, closed_at, order_id)
    SELECT reservation_id, 'AMENDMENT', CASE state WHEN 'COMPLETED' THEN 'APPLIED' WHEN 'ABORTED' THEN 'REJECTED' ELSE 'OPEN' END,
           '{{}}', '{{}}', '["items"]', subtotal - discount, subtotal, discount, 'staff:past', 'The customer called',
           CASE state WHEN 'ABORTED' THEN 'Not enough stock.' ELSE '' END, asked_at, closed_at, order_id
    FROM {CHANGED}
"""
# One more of the first line was asked for.
ASKED: Final = """
    jsonb_build_object('changeId', c.reservation_id, 'orderId', c.order_id, 'reservationId', c.reservation_id,
        'items', jsonb_build_array(jsonb_build_object('productId', a.id, 'quantity', c.q1 + 1),
                                   jsonb_build_object('productId', b.id, 'quantity', c.q2)),
        'previousItems', jsonb_build_array(jsonb_build_object('productId', a.id, 'quantity', c.q1),
                                           jsonb_build_object('productId', b.id, 'quantity', c.q2)),
        'paymentId', c.payment_id, 'difference', a.price, 'currency', 'EUR', 'requestedAt', c.asked_at)
"""
RUNS: Final = f"""
    INSERT INTO ordering_amendmentrun (id, state, step, undoing, opening, correlation_id, reason, error, fingerprint, due_at,
        started_at, updated_at, finished_at, order_id)
    SELECT reservation_id, state, CASE state WHEN 'COMPLETED' THEN 3 ELSE 0 END,
           CASE state WHEN 'COMPENSATING' THEN ARRAY['AdjustReservation'] ELSE '{{}}'::text[] END, {ASKED}, reservation_id,
           CASE WHEN state IN ('ABORTED', 'COMPENSATING') THEN 'OUT_OF_STOCK' ELSE '' END,
           CASE state WHEN 'NEEDS_ATTENTION' THEN pg_temp.pick(%(errors)s, n, 403) ELSE '' END,
           CASE state WHEN 'NEEDS_ATTENTION' THEN left(md5(pg_temp.pick(%(errors)s, n, 403)), 16) ELSE '' END,
           CASE state WHEN 'COMPENSATING' THEN now() + interval '1 day' END, asked_at, asked_at + interval '1 minute', closed_at,
           order_id
    FROM {CHANGED} JOIN past_product a ON a.p = c.p1 JOIN past_product b ON b.p = c.p2
"""
TRIES: Final = """
    INSERT INTO ordering_amendmentattempt (record_id, step, undo, attempt, command_id, outcome, error, actor, started_at,
        finished_at)
    SELECT id, 'AdjustReservation', false, 1, gen_random_uuid(), CASE state WHEN 'COMPLETED' THEN 'done'
               WHEN 'NEEDS_ATTENTION' THEN 'given_up' ELSE 'failed' END,
        error,
           'system:amendment', started_at, updated_at
    FROM ordering_amendmentrun
"""
PARTS: Final = (
    ("checkouts", (SESSIONS, ATTEMPTS)),
    ("orders", (ORDERS, ORDER_LINES, HISTORY, HOLDS, ARCHIVES)),
    ("changes of orders", (ADJUSTMENTS, RUNS, TRIES)),
)
TABLES: Final = (
    "ordering_checkoutsession", "ordering_checkoutattempt", "ordering_order", "ordering_orderline", "ordering_orderstatushistory",
    "ordering_orderhold", "ordering_orderarchive", "ordering_orderadjustment", "ordering_amendmentrun",
        "ordering_amendmentattempt",
)  # fmt: skip
