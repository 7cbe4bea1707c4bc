"""Reservations, and a ledger from which every product's stock follows, movement by movement."""

from __future__ import annotations

from typing import Final

from config.history.cases import LINES

RESERVATIONS: Final = """
    INSERT INTO fulfilment_reservation (id, cart_id, customer_id, order_id, checkout_session_id, status, release_reason,
        order_bound,
        expires_at, created_at, closed_at)
    SELECT reservation_id, cart_id, customer_id, order_id, session_id, reservation_state,
           CASE WHEN session_state = 'ABORTED' THEN 'CHECKOUT_FAILED' WHEN stage = 'cancelled' THEN 'ORDER_CANCELLED' ELSE '' END,
           order_state IS NOT NULL, CASE WHEN order_state IS NULL THEN GREATEST(at, now()) + interval '1 day' END, at + interval
           '1 s',
           CASE reservation_state WHEN 'HELD' THEN NULL WHEN 'CONSUMED' THEN packed_at
                ELSE CASE session_state WHEN 'ABORTED' THEN at + interval '4 s' ELSE ended_at END END
    FROM past_case ORDER BY n
"""
RESERVATION_LINES: Final = f"""
    INSERT INTO fulfilment_reservationline (product_id, quantity, reservation_id)
    SELECT t.id, l.quantity, c.reservation_id FROM {LINES}
"""
MOVE: Final = """
    CREATE TEMP TABLE past_move (p int, product_id uuid, at timestamptz, place int, kind text, on_hand int, reserved int,
        reservation_id uuid) ON COMMIT DROP
"""
# One statement each: in one with a lateral union the planner walks through all products for every line.
RESERVED: Final = f"""
    INSERT INTO past_move
    SELECT l.p, t.id, c.at + interval '1 s', 1, 'RESERVED', 0, l.quantity, c.reservation_id FROM {LINES}
"""
CONSUMED: Final = f"""
    INSERT INTO past_move
    SELECT l.p, t.id, c.packed_at, 2, 'CONSUMED', -l.quantity, -l.quantity, c.reservation_id FROM {LINES}
    WHERE c.reservation_state = 'CONSUMED'
"""
RELEASED: Final = f"""
    INSERT INTO past_move
    SELECT l.p, t.id, CASE c.session_state WHEN 'ABORTED' THEN c.at + interval '4 s' ELSE c.ended_at END, 2, 'RELEASED', 0,
           -l.quantity, c.reservation_id FROM {LINES}
    WHERE c.reservation_state = 'RELEASED'
"""
# Enough for everything that was ever promised, and what is left on the shelf.
RECEIVED: Final = """
    INSERT INTO past_move
    SELECT t.p, t.id, now() - make_interval(days => %(days)s + 20), 0, 'RECEIVED',
           COALESCE(m.wanted, 0) + CASE WHEN mod(t.p, 200) = 13 THEN 0 WHEN mod(t.p, 50) = 17 THEN 4
                                       ELSE 20 + floor(400 * pg_temp.chance(t.p, 501))::int END, 0, NULL
    FROM past_product t LEFT JOIN (SELECT p, sum(reserved) AS wanted FROM past_move WHERE kind = 'RESERVED' GROUP BY p) m ON m.p
        = t.p
"""
# Of some products nothing was found any more.
RECOUNTED: Final = """
    INSERT INTO past_move
    SELECT p, product_id, now() - interval '1 minute', 3, 'RECOUNTED', sum(reserved) - sum(on_hand), 0, NULL
    FROM past_move WHERE mod(p, 200) = 13 GROUP BY p, product_id
"""
LEDGER: Final = """
    INSERT INTO fulfilment_stockmovement (product_id, sequence, kind, delta_on_hand, delta_reserved, on_hand_after,
        reserved_after,
        reservation_id, reference, actor, at)
    SELECT product_id, row_number() OVER w, kind, on_hand, reserved, sum(on_hand) OVER w, sum(reserved) OVER w, reservation_id,
           CASE kind WHEN 'RECEIVED' THEN 'past-' || p ELSE '' END, 'system:past', at
    FROM past_move WINDOW w AS (PARTITION BY p ORDER BY at, place, reservation_id ROWS UNBOUNDED PRECEDING)
"""
STOCK: Final = """
    INSERT INTO fulfilment_stockitem (product_id, on_hand, reserved, low_stock_threshold, low_stock_notified, version, created_at,
        updated_at, recount_since)
    SELECT product_id, on_hand, reserved, 10, on_hand - reserved < 10, movements, began, last,
           CASE WHEN mod(p, 1000) = 19 THEN now() - interval '1 hour' END
    FROM (SELECT p, product_id, sum(on_hand) AS on_hand, sum(reserved) AS reserved, count(*) AS movements, min(at) AS began,
                 max(at) AS last FROM past_move GROUP BY p, product_id) m ORDER BY p
"""
PARTS: Final = (
    ("reservations", (RESERVATIONS, RESERVATION_LINES)),
    ("stock and its ledger", (MOVE, RESERVED, CONSUMED, RELEASED, "ANALYZE past_move", RECEIVED, RECOUNTED, LEDGER, STOCK)),
)
TABLES: Final = ("fulfilment_reservation", "fulfilment_reservationline", "fulfilment_stockmovement", "fulfilment_stockitem")
