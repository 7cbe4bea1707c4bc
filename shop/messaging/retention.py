"""Retention: delivered mail is kept long enough to replay and explain, then removed in chunks that never hold a long lock."""

from __future__ import annotations

from django.conf import settings

from shop.contracts.messaging import PruneMessages
from shop.messaging.ages import first_id_of
from shop.messaging.bus import send
from shop.messaging.sets import fetch_rows

# The ids as one array: joined with a chunk of unknown size, both tables would be read from end to end.
# A message that anybody still waits for, or has failed with, stays whatever its age.
PRUNE = f"""
    WITH old AS (
        SELECT m.id FROM messaging_message m
        WHERE m.id < {first_id_of("now() - make_interval(days => %s)")}
          AND NOT EXISTS (SELECT 1 FROM messaging_delivery d
                          WHERE d.message_id = m.id AND d.status IN ('open', 'leased', 'dead'))
        ORDER BY m.id LIMIT %s FOR UPDATE SKIP LOCKED
    ),
    deliveries AS (DELETE FROM messaging_delivery WHERE message_id = ANY (ARRAY(SELECT id FROM old))),
    messages AS (DELETE FROM messaging_message WHERE id = ANY (ARRAY(SELECT id FROM old)) RETURNING id)
    SELECT count(*) FROM messages
"""


def prune_messages(command: PruneMessages) -> None:
    """Remove one chunk; while chunks are full it asks itself again, so that removing keeps up with whatever was written."""
    if prune_chunk(command.limit, command.older_than_days) >= command.limit:
        send(command)


def prune_chunk(limit: int, days: int | None = None) -> int:
    """Remove up to ``limit`` messages, with their deliveries, older than ``days`` (``MESSAGE_RETENTION_DAYS``); how many."""
    keep = settings.MESSAGE_RETENTION_DAYS if days is None else days
    return int(fetch_rows(PRUNE, [keep, limit])[0][0])
