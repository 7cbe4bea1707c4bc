"""The backbone: one case per checkout, in the order of time, and how far it got. Every other table follows from it."""

from __future__ import annotations

from typing import Final

ORDERED: Final = "CONFIRMED,AWAITING_FULFILMENT"
# How far a case may have got, and what that means for the checkout, the order (with its way there), the reservation, the payment,
# the picking job and the shipment.
STAGES: Final = (
    ("completed", "COMPLETED", "COMPLETED", f"{ORDERED},FULFILLING,COMPLETED", "CONSUMED", "SUCCEEDED", "PACKED", "DELIVERED"),
    (
        "archived",
        "COMPLETED",
        "ARCHIVED",
        f"{ORDERED},FULFILLING,COMPLETED,ARCHIVED",
        "CONSUMED",
        "SUCCEEDED",
        "PACKED",
        "DELIVERED",
    ),
    ("cancelled", "COMPLETED", "CANCELLED", f"{ORDERED},CANCELLED", "RELEASED", "SUCCEEDED", None, None),
    ("held", "COMPLETED", "ON_HOLD", "ON_HOLD", "HELD", "AUTHORIZED", None, None),
    ("confirmed", "COMPLETED", "CONFIRMED", "CONFIRMED", "HELD", "AUTHORIZED", None, None),
    ("awaiting", "COMPLETED", "AWAITING_FULFILMENT", ORDERED, "HELD", "SUCCEEDED", None, None),
    ("changing", "COMPLETED", "AWAITING_FULFILMENT", ORDERED, "HELD", "SUCCEEDED", None, None),
    ("to_pick", "COMPLETED", "FULFILLING", f"{ORDERED},FULFILLING", "HELD", "SUCCEEDED", "CREATED", None),
    ("picking", "COMPLETED", "FULFILLING", f"{ORDERED},FULFILLING", "HELD", "SUCCEEDED", "PICKING", None),
    ("short", "COMPLETED", "FULFILLING", f"{ORDERED},FULFILLING", "HELD", "SUCCEEDED", "PICKING", None),
    ("shipped", "COMPLETED", "FULFILLING", f"{ORDERED},FULFILLING", "CONSUMED", "SUCCEEDED", "PACKED", "CREATED"),
    ("asking", "COMPLETED", "FULFILLING", f"{ORDERED},FULFILLING", "CONSUMED", "SUCCEEDED", "PACKED", "REQUESTED"),
    ("refused", "COMPLETED", "FULFILLING", f"{ORDERED},FULFILLING", "CONSUMED", "SUCCEEDED", "PACKED", "REQUESTED"),
    ("failed", "COMPLETED", "FULFILLING", f"{ORDERED},FULFILLING", "CONSUMED", "SUCCEEDED", "PACKED", "FAILED"),
    ("aborted", "ABORTED", None, None, "RELEASED", "FAILED", None, None),
    ("turned_back", "ABORTED", None, None, "RELEASED", "VOIDED", None, None),
    ("turning", "COMPENSATING", None, None, "HELD", "FAILED", None, None),
    ("parked", "NEEDS_ATTENTION", None, None, "HELD", "AUTHORIZED", None, None),
    ("unknown", "AUTHORIZING_PAYMENT", None, None, "HELD", "UNKNOWN", None, None),
)
WORDS: Final = {
    "stage_count": len(STAGES),
    "stages": [stage[0] for stage in STAGES],
    "stage_sessions": [stage[1] for stage in STAGES],
    "stage_orders": [stage[2] for stage in STAGES],
    "stage_ways": [stage[3] for stage in STAGES],
    "stage_reservations": [stage[4] for stage in STAGES],
    "stage_payments": [stage[5] for stage in STAGES],
    "stage_jobs": [stage[6] for stage in STAGES],
    "stage_shipments": [stage[7] for stage in STAGES],
}
NUMBER: Final = "CREATE TEMP TABLE past_number (n int PRIMARY KEY, number text) ON COMMIT DROP"
CASE: Final = """
    CREATE TEMP TABLE past_case (
        n int, at timestamptz, packed_at timestamptz, ended_at timestamptz, stage text,
        session_state text, order_state text, way text[], reservation_state text, payment_state text, job_state text,
        shipment_state text, session_id uuid, cart_id uuid, order_id uuid, reservation_id uuid, payment_id uuid, job_id uuid,
        shipment_id uuid, customer_id uuid, erased boolean, number text, method text, priority text, p1 int, p2 int, q1 int, q2
            int,
        subtotal bigint, discount bigint, promotion int
    ) ON COMMIT DROP
"""
# A shop that grows: (14 / 730) ** (1 / 1.3) of all cases, one of twenty, are of the last two weeks. Every step is materialised: a
# planner that merges them computes each draw anew wherever it is mentioned.
CASES: Final = """
    WITH drawn AS MATERIALIZED (
        SELECT n, now() - make_interval(mins => 6) - make_interval(days => %(days)s) * power(1 - n / (%(cases)s + 1.0), 1.3) AS
            at,
               pg_temp.chance(n, 1) AS r, pg_temp.chance(n, 2) AS s, pg_temp.chance(n, 6) AS reduced, pg_temp.chance(n, 8) AS
               fetched,
               pg_temp.chance(n, 9) AS hurry, pg_temp.favourite(n, 3, %(products)s, 2.5) AS p1,
               pg_temp.favourite(n, 4, %(products)s, 2.5) AS other, pg_temp.favourite(n, 7, %(promotions)s, 2) AS promotion,
               CASE WHEN mod(n, 211) = 5 THEN %(customers)s + 1 + mod(n, %(erased)s)
                    ELSE pg_temp.favourite(n, 5, %(customers)s, 1.6) END AS customer,
               1 + floor(3 * pg_temp.chance(n, 10))::int AS q1, 1 + floor(2 * pg_temp.chance(n, 11))::int AS q2
        FROM generate_series(1, %(cases)s::int) n
    ), staged AS MATERIALIZED (
        SELECT d.*, CASE WHEN other = p1 THEN 1 + mod(p1, %(products)s) ELSE other END AS p2, CASE
            WHEN n > %(cases)s - %(open_cases)s THEN (%(stages)s::text[])[1 + mod(n, cardinality(%(stages)s::text[]))]
            WHEN r < 0.06 THEN 'aborted'
            WHEN r < 0.07 THEN 'turned_back'
            WHEN r < 0.073 AND at > now() - interval '30 days' THEN 'parked'
            WHEN r < 0.0735 AND at > now() - interval '7 days' THEN 'unknown'
            WHEN r < 0.11 THEN 'cancelled'
            WHEN at < now() - interval '540 days' THEN 'archived'
            WHEN r < 0.115 AND at > now() - interval '20 days' THEN 'held'
            WHEN r < 0.12 AND at > now() - interval '2 days' THEN 'confirmed'
            WHEN r < 0.121 AND at > now() - interval '4 days' THEN 'changing'
            WHEN at > now() - interval '1 day' AND s < 0.7 THEN 'awaiting'
            WHEN at > now() - interval '4 days' AND s < 0.15 THEN 'to_pick'
            WHEN at > now() - interval '4 days' AND s < 0.25 THEN 'picking'
            WHEN at > now() - interval '4 days' AND s < 0.252 THEN 'short'
            WHEN at > now() - interval '4 days' AND s < 0.70 THEN 'shipped'
            WHEN at > now() - interval '4 days' AND s < 0.705 THEN 'asking'
            WHEN at > now() - interval '30 days' AND s < 0.012 THEN 'failed'
            WHEN at > now() - interval '30 days' AND s < 0.014 THEN 'refused'
            ELSE 'completed' END AS stage
        FROM drawn d
    ), priced AS MATERIALIZED (
        SELECT d.*, u.id AS customer_id, u.erased, f.number, d.q1 * a.price + d.q2 * b.price AS subtotal
        FROM staged d
        JOIN past_customer u ON u.c = d.customer JOIN past_number f ON f.n = d.n
        JOIN past_product a ON a.p = d.p1 JOIN past_product b ON b.p = d.p2
    )
    INSERT INTO past_case
    SELECT c.n, at, LEAST(at + interval '1 day' * (0.2 + s), now() - interval '4 minutes'),
           LEAST(at + interval '1 day' * (2 + s), now() - interval '3 minutes'), stage,
           t.session, t.order_state, string_to_array(t.way, ','), t.reservation, t.payment, t.job, t.shipment,
           pg_temp.id_at(at), pg_temp.id_at(at), pg_temp.id_at(at + interval '1 s'), pg_temp.id_at(at), pg_temp.id_at(at),
           pg_temp.id_at(at + interval '1 minute'), pg_temp.id_at(at + interval '2 minutes'), customer_id, erased, number,
           CASE WHEN fetched < 0.1 AND stage IN ('completed', 'archived', 'awaiting', 'shipped') THEN 'CLICK_AND_COLLECT'
                ELSE 'HOME_DELIVERY' END,
           CASE WHEN hurry < 0.03 THEN 'SAME_DAY' WHEN hurry < 0.15 THEN 'EXPEDITED' ELSE 'STANDARD' END, p1, p2, q1, q2,
           subtotal,
           CASE WHEN reduced < 0.1 THEN subtotal / 10 ELSE 0 END, CASE WHEN reduced < 0.1 THEN promotion END
    FROM priced c
    JOIN unnest(%(stages)s::text[], %(stage_sessions)s::text[], %(stage_orders)s::text[], %(stage_ways)s::text[],
                %(stage_reservations)s::text[], %(stage_payments)s::text[], %(stage_jobs)s::text[], %(stage_shipments)s::text[])
        AS t(name, session, order_state, way, reservation, payment, job, shipment) ON t.name = c.stage
    ORDER BY c.n
"""
# The two lines of every case.
LINES: Final = """
    past_case c CROSS JOIN LATERAL (VALUES (1, c.p1, c.q1), (2, c.p2, c.q2)) l(position, p, quantity)
    JOIN past_product t ON t.p = l.p
"""
PARTS: Final = (("cases", (CASE, CASES, "ANALYZE past_case")),)
