"""What was sent and streamed is kept long enough to look at and to append again, then removed in chunks."""

from __future__ import annotations

from django.conf import settings

from shop.contracts.outward import PruneOutward
from shop.messaging.ages import first_id_of
from shop.messaging.bus import send
from shop.messaging.sets import fetch_rows

SENDINGS = f"""
    WITH old AS (
        SELECT id FROM outward_webhooksending
        WHERE id < {first_id_of("now() - make_interval(days => %s)")} AND status <> 'PENDING'
        ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    ),
    tries AS (DELETE FROM outward_webhookattempt WHERE sending_id = ANY (ARRAY(SELECT id FROM old))),
    gone AS (DELETE FROM outward_webhooksending WHERE id = ANY (ARRAY(SELECT id FROM old)) RETURNING id)
    SELECT count(*) FROM gone
"""
# The oldest entries come first by their key; only they are looked at.
ENTRIES = """
    WITH oldest AS (SELECT id, occurred_at FROM outward_streamentry ORDER BY id LIMIT %s),
    gone AS (
        DELETE FROM outward_streamentry
        WHERE id IN (SELECT id FROM oldest WHERE occurred_at < now() - make_interval(days => %s)) RETURNING id
    )
    SELECT count(*) FROM gone
"""


def prune(command: PruneOutward) -> None:
    """One chunk of each; while chunks are full it asks itself again."""
    sendings = fetch_rows(SENDINGS, [settings.WEBHOOK_LOG_DAYS, command.limit])[0][0]
    entries = fetch_rows(ENTRIES, [command.limit, settings.EVENT_STREAM_DAYS])[0][0]
    if max(sendings, entries) >= command.limit:
        send(command)
