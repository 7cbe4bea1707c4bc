"""The mailbox of the newest cases, as much as was asked for (older mail is pruned): chains of messages, and their deliveries,
most
of them done, some dead of several causes, some still to be tried; one chain is very long."""

from __future__ import annotations

from typing import Any, Final

from shop.contracts.registry import latest
from shop.messaging.routing import switchboard

LONG_CHAIN: Final = 600
SOLD: Final = "completed,archived,cancelled,held,confirmed,awaiting,changing,to_pick,picking,short,shipped,asking,refused,failed"
PAID: Final = SOLD.replace(",held,confirmed", "")
RELEASED: Final = PAID.replace(",cancelled", "").replace(",awaiting,changing", "")
PACKED: Final = "completed,archived,shipped,asking,refused,failed"
EVERY: Final = f"{SOLD},aborted,turned_back,turning,parked,unknown"
# Name, whose id is its key, and which cases have said it.
CHAIN: Final = (
    ("CartCheckedOut", "cart", EVERY),
    ("ReserveInventory", "session", EVERY),
    ("InventoryReserved", "session", EVERY),
    ("AuthorizePayment", "session", EVERY),
    ("PaymentAuthorized", "payment", f"{SOLD},turned_back,parked"),
    ("PaymentFailed", "payment", "aborted,turning"),
    ("ReleaseInventory", "session", "aborted,turned_back,turning"),
    ("InventoryReleased", "session", "aborted,turned_back"),
    ("CreateOrder", "session", f"{SOLD},parked"),
    ("OrderCreated", "order", SOLD),
    ("OrderConfirmed", "order", SOLD.replace(",held", "")),
    ("CapturePayment", "payment", PAID),
    ("PaymentSucceeded", "payment", PAID),
    ("OrderFulfilmentStarted", "order", RELEASED),
    ("OrderReadyForShipping", "order", PACKED),
    ("ShipmentCreated", "shipment", "completed,archived,shipped,failed"),
    ("ShipmentDelivered", "shipment", "completed,archived"),
    ("OrderCompleted", "order", "completed,archived"),
    ("OrderCancelled", "order", "cancelled"),
)
CAUSES: Final = [
    "OperationalError: the connection was lost", "Timeout: the provider did not answer", "KeyError: 'sku'",
    "IntegrityError: duplicate key", "Refused: the order is over", "ValidationError: total is below zero",
    "ConnectionError: the carrier is away", "TypeError: None is no number", "PermissionError: the key was revoked",
]  # fmt: skip


def words() -> dict[str, Any]:
    """The steps of a chain with their contracts, and who is told of them today."""
    contracts = [latest(name) for name, _, _ in CHAIN]
    routes = [
        (name, route)
        for route in switchboard().all_routes()
        for name, contract in zip((one[0] for one in CHAIN), contracts, strict=True)
        if contract.full_name() in switchboard().messages_for(route.name)
    ]
    return {
        "chain_names": [one[0] for one in CHAIN],
        "chain_versions": [one.version for one in contracts],
        "chain_kinds": [one.kind for one in contracts],
        "chain_owners": [one.owner for one in contracts],
        "chain_keys": [one[1] for one in CHAIN],
        "chain_stages": [one[2] for one in CHAIN],
        "route_names": [name for name, _ in routes],
        "route_subscribers": [route.name for _, route in routes],
        "route_queues": [route.queue for _, route in routes],
        "route_ordered": [route.ordered for _, route in routes],
        "causes": CAUSES,
        "long_chain": LONG_CHAIN,
    }


SAID: Final = """
    CREATE TEMP TABLE past_message (n int, nr int, id uuid, name text, version text, kind text, owner text, key text, session_id
        uuid,
        at timestamptz, payload jsonb) ON COMMIT DROP
"""
# At least whatever was said within three days: later messages than that are looked at by invariants.
CHAINS: Final = """
    INSERT INTO past_message
    SELECT c.n, s.nr, pg_temp.id_at(c.at + s.nr * interval '40 ms'), s.name, s.version, s.kind, s.owner,
           CASE s.key WHEN 'cart' THEN cart_id WHEN 'order' THEN order_id WHEN 'payment' THEN payment_id
                WHEN 'shipment' THEN shipment_id ELSE session_id END::text,
           session_id, c.at + s.nr * interval '40 ms',
           jsonb_build_object('cartId', cart_id, 'checkoutSessionId', session_id, 'orderId', order_id, 'paymentId', payment_id,
                              'reservationId', reservation_id, 'customerId', customer_id, 'total', subtotal - discount,
                              'currency', 'EUR')
    FROM past_case c
    JOIN unnest(%(chain_names)s::text[], %(chain_versions)s::text[], %(chain_kinds)s::text[], %(chain_owners)s::text[],
                %(chain_keys)s::text[], %(chain_stages)s::text[]) WITH ORDINALITY
         AS s(name, version, kind, owner, key, stages, nr) ON c.stage = ANY(string_to_array(s.stages, ','))
    WHERE c.n > %(cases)s - %(chains)s OR c.at > now() - interval '3 days'
    ORDER BY c.n DESC, s.nr LIMIT GREATEST(%(messages)s - %(long_chain)s, (
        SELECT 20 * count(*) FROM past_case WHERE at > now() - interval '3 days'))
"""
# One order whose carrier was asked again and again.
LONG: Final = """
    INSERT INTO past_message
    SELECT c.n, 100 + k, pg_temp.id_at(c.at + k * interval '1 s'), 'TrackShipment', '1.0.0', 'command', 'fulfilment',
        c.shipment_id::text,
           c.session_id, c.at + k * interval '1 s', jsonb_build_object('shipmentId', c.shipment_id)
    FROM (SELECT * FROM past_case WHERE stage = 'completed' ORDER BY n DESC LIMIT 1) c, generate_series(1, %(long_chain)s) k
"""
MESSAGES: Final = """
    INSERT INTO messaging_message (id, kind, name, version, key, correlation_id, causation_id, actor, payload, created_at)
    SELECT id, kind, name, version, key, session_id, lag(id) OVER (PARTITION BY n ORDER BY nr), 'system:past', payload, at
    FROM past_message ORDER BY id
"""
DELIVERIES: Final = """
    INSERT INTO messaging_delivery (message_id, subscriber, queue, key, status, attempts, due_at, error, fingerprint, created_at,
        done_at)
    SELECT id, subscriber, queue, CASE WHEN ordered THEN key ELSE '' END, status, CASE status WHEN 'done' THEN 0 ELSE 5 END,
           CASE status WHEN 'open' THEN now() + interval '1 day' ELSE at END,
           CASE WHEN status IN ('dead', 'discarded') THEN cause ELSE '' END,
           CASE WHEN status IN ('dead', 'discarded') THEN left(md5(cause), 16) ELSE '' END, at,
           CASE status WHEN 'done' THEN at + interval '50 ms' WHEN 'discarded' THEN at + interval '1 hour' END
    FROM (SELECT m.*, r.*, pg_temp.pick(%(causes)s, d, 701) AS cause,
                 CASE WHEN ordered THEN 'done' WHEN mod(d, 900) = 7 THEN 'dead' WHEN mod(d, 5000) = 9 THEN 'discarded'
                      WHEN mod(d, 2000) = 11 THEN 'open' ELSE 'done' END AS status
          FROM (SELECT *, row_number() OVER (ORDER BY id DESC) AS d FROM past_message) m
          JOIN unnest(%(route_names)s::text[], %(route_subscribers)s::text[], %(route_queues)s::text[], %(route_ordered)s::bool[])
               AS r(route, subscriber, queue, ordered) ON r.route = m.name) d
    ORDER BY id
"""
TRACKED: Final = """
    INSERT INTO messaging_delivery (message_id, subscriber, queue, key, status, attempts, due_at, error, fingerprint, created_at,
        done_at)
    SELECT id, 'fulfilment.shipping.track_shipment', 'gateways', '', 'done', 0, at, '', '', at, at + interval '50 ms'
    FROM past_message WHERE name = 'TrackShipment'
"""
PARTS: Final = (
    ("messages", (SAID, CHAINS, LONG, "ANALYZE past_message", MESSAGES)),
    ("deliveries", (DELIVERIES, TRACKED)),
)
TABLES: Final = ("messaging_message", "messaging_delivery")
