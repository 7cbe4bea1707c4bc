"""What operators did: single deeds, and batches with what came of every row."""

from __future__ import annotations

from typing import Final

ACTIONS: Final = """
    INSERT INTO messaging_operatoraction (at, actor, verb, target_type, target_id, reason, before, after, correlation_id)
    SELECT ended_at, 'staff:past' || mod(n, 9), 'order.release', 'ordering.order', order_id::text,
           'The customer has confirmed it', '{"lifecycleStatus": "ON_HOLD"}', '{"lifecycleStatus": "AWAITING_FULFILMENT"}',
           session_id
    FROM past_case WHERE order_state IS NOT NULL AND mod(n, 10) = 3 ORDER BY n
"""
# Beside those of the products, which their triggers have written: by people, of roles, and by somebody with psql.
CHANGES: Final = """
    INSERT INTO messaging_objectchange (at, table_name, object_id, operation, actor, via, verb, reason, before, after,
        correlation_id, request_id, transaction_id)
    SELECT c.ended_at, t.table_name, CASE WHEN mod(n, 100) = 13 THEN mod(n, 9)::text ELSE c.order_id::text END, t.operation,
           CASE WHEN mod(n, 100) = 23 THEN 'database:shop' ELSE 'staff:past' || mod(n, 9) END,
           CASE WHEN mod(n, 100) = 23 THEN 'psql' ELSE 'shop' END, t.verb, t.reason, t.before, t.after,
           CASE WHEN t.verb <> '' THEN c.session_id END, '', n
    FROM past_case c
    JOIN LATERAL (SELECT * FROM (VALUES
        ('ordering_order', 'update', 'order.release', 'The customer has confirmed it',
         '{"lifecycle_status": "ON_HOLD"}'::jsonb, '{"lifecycle_status": "AWAITING_FULFILMENT"}'::jsonb),
        ('auth_user_groups', 'insert', '', '', '{}', '{"group_id": 1}')
    ) v (table_name, operation, verb, reason, before, after)
    WHERE (v.table_name = 'auth_user_groups') = (mod(n, 100) = 13)) t ON true
    WHERE order_state IS NOT NULL AND mod(n, 10) = 3 ORDER BY n
"""
# One a day, until the day before yesterday.
BATCHES: Final = """
    INSERT INTO shop_batch (id, verb, model, permission, actor, reason, given, selection, query, status, note, total, done,
        refused,
        failed, position, correlation_id, request_id, created_at, run_at, run_from, moved_at, ended_at)
    SELECT pg_temp.id_at(at), 'release', 'ordering.order', 'ordering.release_order', 'staff:past' || mod(k, 9),
        'Checked by hand', '{}',
           'ROWS', '', CASE WHEN mod(k, 10) = 4 THEN 'STOPPED' ELSE 'DONE' END,
           CASE WHEN mod(k, 10) = 4 THEN 'Stopped by staff:past' ELSE '' END, 60, CASE WHEN mod(k, 10) = 4 THEN 20 ELSE 55 END,
           CASE WHEN mod(k, 10) = 4 THEN 0 ELSE 5 END, 0, CASE WHEN mod(k, 10) = 4 THEN 20 ELSE 60 END, gen_random_uuid(), '',
           at, at,
           0, at + interval '1 minute', at + interval '1 minute'
    FROM (SELECT k, now() - make_interval(days => %(days)s - k) AS at FROM generate_series(1, %(days)s::int - 2) k
          WHERE k > %(days)s - %(cases)s / 20) b
"""
BATCH_ROWS: Final = """
    INSERT INTO shop_batchrow (batch_id, position, key, seen, outcome, sentence)
    SELECT b.id, p, c.order_id::text, '3',
           CASE WHEN p > b.position THEN 'WAITING' WHEN p <= b.done THEN 'DONE' ELSE 'REFUSED' END,
           CASE WHEN p <= b.done THEN 'is released.' WHEN p <= b.position THEN 'Nothing holds it.' ELSE '' END
    FROM shop_batch b CROSS JOIN generate_series(1, 60) p
    JOIN past_case c ON c.n = 1 + mod(hashtext(b.id::text) & 1048575, %(cases)s - 60) + p - 1
    WHERE b.actor LIKE 'staff:past%%'
"""
PARTS: Final = (("what operators did", (ACTIONS, CHANGES, BATCHES, BATCH_ROWS)),)
TABLES: Final = ("messaging_operatoraction", "messaging_objectchange", "shop_batch", "shop_batchrow")
