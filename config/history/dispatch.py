"""Picking jobs, shipments with their parcels and where they were seen, and the carrier's webhooks."""

from __future__ import annotations

from typing import Final

from config.history.cases import LINES
from config.history.ordering import ADDRESS

JOBS: Final = f"""
    INSERT INTO fulfilment_pickingjob (id, order_id, customer_id, confirmation_number, warehouse_id, reservation_id,
        delivery_method,
        priority, rank, address, status, picker, short_since, parcel_count, created_at, started_at, closed_at)
    SELECT job_id, order_id, customer_id, number, 'main', reservation_id, method, priority,
           CASE priority WHEN 'SAME_DAY' THEN 0 WHEN 'EXPEDITED' THEN 1 ELSE 2 END, {ADDRESS}, job_state,
           CASE job_state WHEN 'CREATED' THEN '' ELSE 'staff:past' END, CASE stage WHEN 'short' THEN now() - interval '1 hour'
           END,
           CASE job_state WHEN 'PACKED' THEN 1 END, at + interval '1 minute',
           CASE job_state WHEN 'CREATED' THEN NULL ELSE at + interval '10 minutes' END,
           CASE job_state WHEN 'PACKED' THEN packed_at END
    FROM past_case c WHERE job_state IS NOT NULL ORDER BY n
"""
JOB_LINES: Final = f"""
    INSERT INTO fulfilment_pickingline (position, product_id, sku, name, quantity, picked, missing, job_id)
    SELECT l.position, t.id, t.sku, t.name, l.quantity,
           CASE WHEN c.job_state = 'PACKED' THEN l.quantity WHEN c.stage = 'short' THEN l.quantity - 1 ELSE 0 END,
           CASE c.stage WHEN 'short' THEN 1 ELSE 0 END, c.job_id
    FROM {LINES} WHERE c.job_state IS NOT NULL
"""
SHIPMENTS: Final = f"""
    INSERT INTO fulfilment_shipment (id, order_id, picking_job_id, customer_id, confirmation_number, delivery_method, status,
        carrier,
        service, parcel_count, destination, asked, asked_since, ask_again_at, last_error, refused_at, refused_because,
        carrier_shipment_id, tracking_number, created_at, booked_at, heard_at, delivered_at, failed_at, failure_reason)
    SELECT shipment_id, order_id, job_id, customer_id, number, method, shipment_state, CASE WHEN shipped THEN 'parcelwings' ELSE
        '' END,
           CASE WHEN shipped THEN 'STANDARD' ELSE '' END, 1, {ADDRESS}, 1, CASE stage WHEN 'asking' THEN packed_at END,
           CASE WHEN stage = 'asking' OR (stage = 'shipped' AND shipped) THEN now() + interval '1 day' END,
           CASE stage WHEN 'asking' THEN 'Timeout: the carrier did not answer' ELSE '' END,
           CASE stage WHEN 'refused' THEN packed_at END, CASE stage WHEN 'refused' THEN 'No service to this address.' ELSE '' END,
           CASE WHEN shipped THEN 'shp_past_' || n END, CASE WHEN shipped THEN 'TRK' || lpad(n::text, 9, '0') ELSE '' END,
           packed_at,
           CASE WHEN shipped THEN packed_at END,
           CASE WHEN stage = 'shipped' AND mod(n, 20) = 0 THEN packed_at - interval '4 days' WHEN shipped THEN packed_at END,
           CASE shipment_state WHEN 'DELIVERED' THEN ended_at END, CASE stage WHEN 'failed' THEN packed_at + interval '1 minute'
           END,
           CASE stage WHEN 'failed' THEN 'FAILED_DELIVERY' ELSE '' END
    FROM (SELECT *, shipment_state <> 'REQUESTED' AND method <> 'CLICK_AND_COLLECT' AS shipped FROM past_case) c
    WHERE shipment_state IS NOT NULL ORDER BY n
"""
PARCELS: Final = """
    INSERT INTO fulfilment_parcel (number, tracking_number, status, changed_at, shipment_id)
    SELECT 1, CASE WHEN shipment_state = 'REQUESTED' OR method = 'CLICK_AND_COLLECT' THEN '' ELSE 'TRK' || lpad(n::text, 9, '0')
        END,
           CASE shipment_state WHEN 'DELIVERED' THEN 'DELIVERED' WHEN 'CREATED' THEN 'IN_TRANSIT' WHEN 'FAILED' THEN 'FAILED'
                ELSE 'ANNOUNCED' END, packed_at, shipment_id
    FROM past_case WHERE shipment_state IS NOT NULL
"""
SEEN: Final = """
    INSERT INTO fulfilment_trackingevent (status, at, tracking_number, heard_at, shipment_id)
    SELECT status, packed_at + nr * interval '2 hours', 'TRK' || lpad(n::text, 9, '0'), packed_at + nr * interval '2 hours',
        shipment_id
    FROM past_case, unnest(ARRAY['ANNOUNCED', 'IN_TRANSIT', 'DELIVERED']) WITH ORDINALITY s(status, nr)
    WHERE shipment_state = 'DELIVERED' AND method <> 'CLICK_AND_COLLECT' OR shipment_state = 'CREATED' AND nr < 3
"""
WEBHOOKS: Final = """
    INSERT INTO fulfilment_carrierwebhook (id, event_id, type, body, received_at, status, attempts, did, worked_at, shipment_id)
    SELECT pg_temp.id_at(packed_at), 'cev_past_' || n, 'tracking.updated',
           convert_to('{"event": "cev_past_' || n || '"}', 'UTF8'), packed_at, status, 1,
           CASE status WHEN 'PARKED' THEN 'We know nothing of this shipment.' ELSE 'The shipment was brought up to date.' END,
           packed_at,
           CASE status WHEN 'PARKED' THEN NULL ELSE shipment_id END
    FROM (SELECT *, CASE WHEN mod(n, 9000) = 13 OR stage = 'failed' AND n > %(cases)s - %(open_cases)s THEN 'PARKED' ELSE
        'APPLIED' END
                    AS status FROM past_case) c
    WHERE shipment_state IN ('DELIVERED', 'CREATED', 'FAILED') AND method <> 'CLICK_AND_COLLECT' ORDER BY n
"""
PARTS: Final = (("picking jobs", (JOBS, JOB_LINES)), ("shipments", (SHIPMENTS, PARCELS, SEEN)), ("carrier webhooks", (WEBHOOKS,)))
TABLES: Final = (
    "fulfilment_pickingjob", "fulfilment_pickingline", "fulfilment_shipment", "fulfilment_parcel", "fulfilment_trackingevent",
    "fulfilment_carrierwebhook",
)  # fmt: skip
