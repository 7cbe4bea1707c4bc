"""What an operator can do with deliveries: retry, discard, replay. One service behind the admin and ``manage.py deliveries``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, QuerySet

from shop.messaging.ages import first_id_of
from shop.messaging.audit import Change, record_action, record_actions, valid_reason
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.models import Delivery
from shop.messaging.outgoing import unit_of_work
from shop.messaging.routing import switchboard
from shop.messaging.sets import fetch_rows
from shop.messaging.states import DeliveryStatus

# Locked in key order, so that two operators with overlapping selections never wait for each other in a circle.
_CHOSEN = """
    WITH chosen AS (
        SELECT id, status, attempts FROM messaging_delivery
        WHERE id = ANY(%s::bigint[]) AND status = ANY(%s::text[]) ORDER BY id FOR UPDATE
    )
"""
RETRIED = f"""
    {_CHOSEN} UPDATE messaging_delivery d SET status = 'open', attempts = 0, due_at = now(), error = '', fingerprint = ''
    FROM chosen c WHERE d.id = c.id RETURNING d.id, d.subscriber, c.status, c.attempts
"""
DISCARDED = f"""
    {_CHOSEN} UPDATE messaging_delivery d SET status = 'discarded'
    FROM chosen c WHERE d.id = c.id RETURNING d.id, d.subscriber, c.status, c.attempts
"""
# To one subscriber again: what it has dealt with is opened again, what it was never sent is addressed to it now. What somebody
# decided never to deliver stays so.
REPLAYED = """
    INSERT INTO messaging_delivery (message_id, subscriber, queue, key, status, attempts, due_at, error, fingerprint)
    SELECT m.id, %(subscriber)s, %(queue)s,
           CASE WHEN %(ordered)s THEN COALESCE(NULLIF(m.key, ''), m.id::text) ELSE '' END,
           'open', 0, now(), '', ''
    FROM messaging_message m WHERE m.id = ANY(%(messages)s) ORDER BY m.id
    ON CONFLICT (message_id, subscriber) DO UPDATE
    SET status = 'open', attempts = 0, due_at = now(), error = '', fingerprint = '', done_at = NULL
    WHERE messaging_delivery.status IN ('done', 'dead')
    RETURNING id
"""
# The primary key finds the days in question, with room for clocks that differ; the database's own time decides.
REPLAYABLE = f"""
    SELECT m.id FROM messaging_message m
    WHERE m.name = ANY(%(names)s) AND m.created_at >= %(since)s AND m.created_at < %(until)s
      AND m.id >= {first_id_of("%(since)s::timestamptz - interval '1 day'")}
      AND m.id < {first_id_of("%(until)s::timestamptz + interval '1 day'")}
      AND (%(key)s = '' OR m.key = %(key)s)
    ORDER BY m.id LIMIT %(limit)s
"""
LARGEST_REPLAY = 100_000


@dataclass(frozen=True, slots=True)
class Cause:
    """Dead deliveries that failed alike: one cause, one click."""

    fingerprint: str
    subscriber: str
    error: str
    count: int
    oldest: datetime
    newest: datetime


def causes() -> list[Cause]:
    """Dead deliveries grouped by subscriber and fingerprint, the largest group first."""
    groups = (
        Delivery.objects.filter(status=DeliveryStatus.DEAD)
        .values("fingerprint", "subscriber")
        .annotate(count=Count("id"), oldest=Min("created_at"), newest=Max("created_at"), error=Max("error"))
        .order_by("-count", "oldest")
    )
    return [Cause(**group) for group in groups]


def dead(*, subscriber: str = "", fingerprint: str = "") -> QuerySet[Delivery]:
    """Dead deliveries, optionally of one subscriber or one cause, the newest first."""
    found = Delivery.objects.filter(status=DeliveryStatus.DEAD).select_related("message").order_by("-id")
    if subscriber:
        found = found.filter(subscriber=subscriber)
    return found.filter(fingerprint=fingerprint) if fingerprint else found


def retry(ids: Sequence[int], *, reason: str) -> int:
    """Deliver these dead or discarded ones again, with all attempts before them; how many really were."""
    return _change(RETRIED, "deliveries.retry", ids, (DeliveryStatus.DEAD, DeliveryStatus.DISCARDED), reason, "open")


def discard(ids: Sequence[int], *, reason: str) -> int:
    """Never deliver these dead ones; how many really were. What waits behind them (ordered subscribers) goes on."""
    return _change(DISCARDED, "deliveries.discard", ids, (DeliveryStatus.DEAD,), reason, "discarded")


def _change(sql: str, verb: str, ids: Sequence[int], allowed: Sequence[DeliveryStatus], reason: str, after: str) -> int:
    kept_reason = valid_reason(reason)
    with unit_of_work() as unit:
        changed = fetch_rows(sql, [list(ids), [status.value for status in allowed]])
        for name in {subscriber for _, subscriber, _, _ in changed}:
            unit.waiting.update(filter(None, [switchboard().route_named(name)]))
        record_actions(
            verb=verb,
            target_type="messaging.delivery",
            reason=kept_reason,
            changes=[
                Change(delivery_id, {"status": status, "attempts": attempts}, {"status": after})
                for delivery_id, _, status, attempts in changed
            ],
        )
    return len(changed)


def replayable(subscriber: str, *, since: datetime, until: datetime, key: str = "", limit: int = LARGEST_REPLAY) -> list[Any]:
    """Ids of stored messages that ``subscriber`` listens to: what a replay would deliver. The dry run of ``replay``.

    Raises ``Refused`` when there are more than ``limit``: half a replay that looks like a whole one misleads.
    """
    names = [name.split("@")[0] for name in _listens_to(subscriber)]
    wanted = {"names": names, "since": since, "until": until, "key": key, "limit": limit + 1}
    found = [row[0] for row in fetch_rows(REPLAYABLE, wanted)]
    if len(found) > limit:
        raise Refused("too_many_to_replay", f"These are more than {limit} messages: narrow the time or name a key.")
    return found


def replay(subscriber: str, messages: Sequence[Any], *, reason: str) -> int:
    """Deliver stored messages again to one subscriber, in their order; how many. Its handler is idempotent, so this repairs a
    read model and repeats no effect. Discarded ones stay discarded."""
    kept_reason = valid_reason(reason)
    entry = switchboard().route_named(subscriber)
    if entry is None:
        raise Missing("subscriber_not_found", f"There is no subscriber {subscriber}.")
    with unit_of_work() as unit:
        rows = fetch_rows(
            REPLAYED,
            {"subscriber": entry.name, "queue": entry.queue, "ordered": entry.ordered, "messages": list(messages)},
        )
        record_action(
            verb="deliveries.replay",
            target_type="subscriber",
            target_id=subscriber,
            reason=kept_reason,
            after={"count": len(rows)},
        )
        unit.waiting.add(entry)
    return len(rows)


def _listens_to(subscriber: str) -> list[str]:
    names = switchboard().messages_for(subscriber)
    if not names:
        raise Invalid("subscriber_not_found", f"There is no subscriber {subscriber}.")
    return names
