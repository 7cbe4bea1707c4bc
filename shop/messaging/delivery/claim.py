"""Taking mail out of the box: by status with SKIP LOCKED, so that drainers never wait for nor repeat each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shop.messaging.envelope import Envelope
from shop.messaging.routing import Route, switchboard
from shop.messaging.sets import fetch_rows

_MESSAGE = (
    "d.id, d.attempts, m.id, m.name, m.version, m.payload::text, "
    "m.correlation_id, m.causation_id, m.actor, m.created_at, m.sequence, now(), statement_timestamp()"
)
_DUE = "d.subscriber = %s AND d.status = 'open' AND d.due_at <= now()"

# Oldest due mail first; rows another drainer holds are skipped, not waited for.
CLAIM = f"""
    SELECT {_MESSAGE} FROM messaging_delivery d JOIN messaging_message m ON m.id = d.message_id
    WHERE {_DUE} ORDER BY d.due_at, d.id LIMIT %s FOR UPDATE OF d SKIP LOCKED
"""
CLAIM_ONE = f"""
    SELECT {_MESSAGE} FROM messaging_delivery d JOIN messaging_message m ON m.id = d.message_id
    WHERE {_DUE} AND d.id = %s FOR UPDATE OF d SKIP LOCKED
"""
# An ordered subscriber is drained by one transaction at a time (advisory lock). A message waits while an earlier one of its
# key is dead, leased, or backing off. Delivery ids grow in commit order within a key: they are allotted under the
# aggregate's lock. Alone, a message waits for anything earlier that is not done. OFFSET 0 keeps the planner from joining the
# whole backlog with itself: it is one index probe per candidate. Every delivery of an ordered subscriber has a key.
# BETWEEN, the subscriber in the order, and the messages fetched afterwards: asked for one subscriber by id, the planner may go
# through the primary key or through the messages, and with them through everything that was ever delivered.
_EARLIER = """
    SELECT 1 FROM messaging_delivery e
    WHERE e.subscriber = d.subscriber AND e.key = d.key AND e.id < d.id AND e.key <> ''
      AND e.status IN ('open', 'leased', 'dead')
"""
CLAIM_ORDERED = f"""
    WITH d AS MATERIALIZED (
        SELECT d.id, d.attempts, d.message_id FROM messaging_delivery d
        WHERE d.subscriber BETWEEN %s AND %s AND d.status = 'open' AND d.due_at <= now() AND d.key <> ''
          AND NOT EXISTS ({_EARLIER} AND NOT (e.status = 'open' AND e.due_at <= now()) OFFSET 0)
        ORDER BY d.subscriber, d.id LIMIT %s FOR UPDATE OF d
    )
    SELECT {_MESSAGE} FROM d JOIN messaging_message m ON m.id = d.message_id ORDER BY d.id
"""
CLAIM_ORDERED_ONE = f"""
    SELECT {_MESSAGE} FROM messaging_delivery d JOIN messaging_message m ON m.id = d.message_id
    WHERE {_DUE} AND d.id = %s AND NOT EXISTS ({_EARLIER} OFFSET 0) FOR UPDATE OF d
"""
ONLY_DRAINER = "SELECT pg_try_advisory_xact_lock(hashtextextended('ordered:' || %s, 0))"

# The subscribers of one queue that have due mail: one index probe each.
WITH_MAIL = """
    SELECT s FROM unnest(%s::text[]) AS s
    WHERE EXISTS (SELECT 1 FROM messaging_delivery d WHERE d.subscriber = s AND d.status = 'open' AND d.due_at <= now())
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery this transaction holds, its payload not yet read."""

    delivery_id: int
    attempts: int
    message_id: UUID
    name: str
    version: str
    payload: str
    correlation_id: UUID
    causation_id: UUID | None
    actor: str
    sent_at: Any
    sequence: int | None
    began_at: datetime
    claimed_at: datetime

    def envelope(self, message: Any) -> Envelope[Any]:
        """What the handler gets, once the payload has been read as ``message``."""
        return Envelope(
            id=self.message_id,
            message=message,
            correlation_id=self.correlation_id,
            causation_id=self.causation_id,
            actor=self.actor,
            sent_at=self.sent_at,
            sequence=self.sequence,
            delivery_id=self.delivery_id,
            attempt=self.attempts + 1,
            written_as="" if message.version == self.version else self.version,
        )


def claim(route: Route, limit: int) -> list[Claimed]:
    """Up to ``limit`` due deliveries, locked until this transaction ends; for an ordered subscriber in order."""
    if not route.ordered:
        return [Claimed(*row) for row in fetch_rows(CLAIM, [route.name, limit])]
    if not fetch_rows(ONLY_DRAINER, [route.name])[0][0]:
        return []
    return [Claimed(*row) for row in fetch_rows(CLAIM_ORDERED, [route.name, route.name, limit])]


def claim_one(route: Route, delivery_id: int) -> list[Claimed]:
    """That one delivery if it is (still) due and free, else nothing."""
    if route.ordered and not fetch_rows(ONLY_DRAINER, [route.name])[0][0]:
        return []
    sql = CLAIM_ORDERED_ONE if route.ordered else CLAIM_ONE
    return [Claimed(*row) for row in fetch_rows(sql, [route.name, delivery_id])]


def routes_with_mail(queue: str) -> list[Route]:
    """The subscribers of ``queue`` that have due mail."""
    routes = {entry.name: entry for entry in switchboard().subscribers(queue)}
    return [routes[name] for (name,) in fetch_rows(WITH_MAIL, [list(routes)])]
