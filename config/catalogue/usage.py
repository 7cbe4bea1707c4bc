"""Who really uses which version of which message: from the deliveries in the mailbox, not from what the code intends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop.contracts.registry import ALL, UnknownMessage, find
from shop.messaging.ages import first_id_of
from shop.messaging.routing import switchboard
from shop.messaging.sets import fetch_rows

NEWEST = 2_000  # messages looked at per name, so that the report costs the same on ten million
# One walk down the index on (name, id) per name; the deliveries of what it finds come by their unique key.
USED = f"""
    SELECT m.name, m.version, d.subscriber, count(*), max(m.created_at)
    FROM unnest(%(names)s::text[]) AS n(name)
    CROSS JOIN LATERAL (
        SELECT id, name, version, created_at FROM messaging_message
        WHERE name = n.name AND id >= {first_id_of("now() - make_interval(days => %(days)s)")}
        ORDER BY id DESC LIMIT %(newest)s
    ) m
    LEFT JOIN messaging_delivery d ON d.message_id = m.id
    GROUP BY m.name, m.version, d.subscriber
    ORDER BY m.name, m.version, d.subscriber
"""


# What partners were sent, from the log of webhooks; the newest of all names together, by primary key.
SENT = f"""
    SELECT s.event, s.version, 'webhook of ' || e.partner, count(*), max(s.created_at)
    FROM (
        SELECT endpoint_id, event, body::jsonb ->> 'version' AS version, created_at FROM outward_webhooksending
        WHERE id >= {first_id_of("now() - make_interval(days => %(days)s)")} AND event = ANY(%(names)s)
        ORDER BY id DESC LIMIT %(newest)s
    ) s
    JOIN outward_webhookendpoint e ON e.id = s.endpoint_id
    GROUP BY s.event, s.version, e.partner
"""


@dataclass(frozen=True, slots=True)
class Use:
    """``subscriber`` was sent ``count`` of the newest messages written as ``name@written`` and reads them as ``reads``."""

    name: str
    written: str
    subscriber: str
    reads: str
    count: int
    last_at: datetime


def usage(days: int, names: Sequence[str] = (), *, newest: int = NEWEST) -> list[Use]:
    """What was delivered to whom in the last ``days``, by message, written version and subscriber; for each message at most
    its ``newest``. A message that nobody listens to has a row without a subscriber. Partners who were sent it are among them."""
    wanted = sorted(names or {message.message_name() for message in ALL})
    asked = {"names": wanted, "days": days, "newest": newest}
    used = [
        Use(name, written, subscriber or "", _reads(name, written, subscriber), count, last)
        for name, written, subscriber, count, last in fetch_rows(USED, asked)
    ]
    sent = [Use(name, written, partner, written, count, last) for name, written, partner, count, last in fetch_rows(SENT, asked)]
    return sorted([*used, *sent], key=lambda use: (use.name, use.written, use.subscriber))


def _reads(name: str, written: str, subscriber: Any) -> str:
    try:
        contract = find(name, written)
    except UnknownMessage:
        return "unknown here"
    return switchboard().wanted(subscriber, contract).version if subscriber else ""
