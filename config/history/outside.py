"""What partners were told: the stream of events, endpoints, and every webhook that was sent to them."""

from __future__ import annotations

from typing import Final

STREAM: Final = """
    INSERT INTO outward_streamentry (owner, message_id, name, version, key, payload, occurred_at)
    SELECT owner, id, name, version, key, payload::text, at FROM past_message WHERE kind = 'event' AND mod(n, 4) = 0 ORDER BY id
"""
ENDPOINTS: Final = """
    INSERT INTO outward_webhookendpoint (id, partner, url, description, events, status, disabled_reason, generation, failures,
        version, created_at)
    SELECT pg_temp.id_at(now() - interval '400 days'), 'past-partner-' || mod(k, 20), 'https://partner' || k ||
        '.example.com/hooks', '',
           ARRAY['OrderConfirmed', 'ShipmentCreated'], CASE WHEN mod(k, 10) = 3 THEN 'DISABLED' ELSE 'ACTIVE' END,
           CASE WHEN mod(k, 10) = 3 THEN 'Too many failures in a row' ELSE '' END, 1, CASE WHEN mod(k, 10) = 3 THEN 20 ELSE 0
           END, 1,
           now() - interval '400 days'
    FROM generate_series(1, 60) k
"""
SENDINGS: Final = """
    INSERT INTO outward_webhooksending (id, message_id, event, body, status, attempts, next_at, last_status, last_error,
        delivered_at,
        created_at, endpoint_id)
    SELECT pg_temp.id_at(at), id, name, payload::text, status, 1, CASE status WHEN 'PENDING' THEN now() + interval '1 day' END,
           CASE status WHEN 'DELIVERED' THEN 204 ELSE 500 END, CASE status WHEN 'DELIVERED' THEN '' ELSE 'Answered 500' END,
           CASE status WHEN 'DELIVERED' THEN at END, at, endpoint_id
    FROM (SELECT m.*, e.id AS endpoint_id,
                 CASE WHEN mod(m.d, 300) = 5 THEN 'FAILED' WHEN mod(m.d, 1000) = 8 THEN 'PENDING' ELSE 'DELIVERED' END AS status
          FROM (SELECT *, row_number() OVER (ORDER BY id DESC) AS d FROM past_message
                WHERE name IN ('OrderConfirmed', 'ShipmentCreated')) m
          JOIN (SELECT id, row_number() OVER (ORDER BY url) AS k FROM outward_webhookendpoint WHERE status = 'ACTIVE'
                AND partner LIKE 'past-partner-%%') e ON e.k = 1 + mod(m.d, 50)) s
    ORDER BY id
"""
TRIES: Final = """
    INSERT INTO outward_webhookattempt (attempt, at, status_code, error, milliseconds, sending_id)
    SELECT 1, created_at, last_status, last_error, 40, id FROM outward_webhooksending
"""
PARTS: Final = (("what partners were told", (STREAM, ENDPOINTS, SENDINGS, TRIES)),)
TABLES: Final = ("outward_streamentry", "outward_webhookendpoint", "outward_webhooksending", "outward_webhookattempt")
