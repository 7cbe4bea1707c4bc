"""Redaction: what published messages say about a person who is to be forgotten is replaced, in chunks, and nothing else.

A message is found by its key or its chain, both indexed, and by what led to it (a login is answered by a fact that has the
customer's key; the command itself has none). What says that it is about somebody else stays as it is: a client may put the
requests of many people into one chain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from shop.contracts.messaging import RedactMessages
from shop.contracts.redaction import ERASED, redacted, without_personal
from shop.contracts.registry import UnknownMessage, find
from shop.messaging.audit import LONGEST_REASON, record_action
from shop.messaging.audited import audited
from shop.messaging.bus import send
from shop.messaging.context import acting, current_actor
from shop.messaging.outgoing import current_unit
from shop.messaging.permits import permitted
from shop.messaging.sets import Column, fetch_rows, update_rows

FIRST: Final = UUID(int=0)
TARGET: Final = "shop.customerprofile"

FOUND: Final = """
    SELECT DISTINCT f.id FROM (
        SELECT m.id FROM unnest(%(keys)s::text[]) AS k CROSS JOIN LATERAL (
            SELECT id FROM messaging_message WHERE key = k AND key <> '' AND id > %(after)s ORDER BY id LIMIT %(limit)s) m
        UNION ALL
        SELECT m.id FROM unnest(%(chains)s::uuid[]) AS c CROSS JOIN LATERAL (
            SELECT id FROM messaging_message WHERE correlation_id = c AND id > %(after)s ORDER BY id LIMIT %(limit)s) m
        UNION ALL
        SELECT i FROM unnest(%(ids)s::uuid[]) AS i WHERE i > %(after)s
    ) f ORDER BY f.id LIMIT %(limit)s
"""
# Causes come before their consequences, so this ends; each step is a look-up by primary key.
WITH_CAUSES: Final = """
    WITH RECURSIVE led_to AS (
        SELECT id, causation_id FROM messaging_message WHERE id = ANY(%s::uuid[])
        UNION SELECT m.id, m.causation_id FROM led_to JOIN messaging_message m ON m.id = led_to.causation_id
    )
    SELECT id, name, version, payload::text FROM messaging_message
    WHERE id = ANY (ARRAY(SELECT id FROM led_to)) ORDER BY id FOR NO KEY UPDATE
"""
# The index leads with the type of the target, of which there are few: hop from one to the next.
_ON_TARGETS: Final = """
    WITH RECURSIVE types AS (
        (SELECT target_type AS name FROM messaging_operatoraction ORDER BY target_type LIMIT 1)
        UNION ALL
        SELECT (SELECT a.target_type FROM messaging_operatoraction a WHERE a.target_type > t.name ORDER BY a.target_type LIMIT 1)
        FROM types t WHERE t.name IS NOT NULL
    )
    SELECT {columns} FROM types t JOIN messaging_operatoraction a ON a.target_type = t.name
    WHERE a.target_id = ANY(%s::text[]) ORDER BY a.id
"""
ACTIONS: Final = _ON_TARGETS.format(columns="a.id, a.before::text, a.after::text")
REASONS: Final = _ON_TARGETS.format(columns="a.id, a.reason")
CHANGES: Final = """
    SELECT id, table_name, before::text, after::text FROM messaging_objectchange
    WHERE table_name = ANY(%s::text[]) AND object_id = ANY(%s::text[]) ORDER BY id
"""
CHANGE_REASONS: Final = """
    SELECT id, reason FROM messaging_objectchange
    WHERE table_name = ANY(%s::text[]) AND object_id = ANY(%s::text[]) AND reason <> '' ORDER BY id
"""
SHORTEST: Final = 3  # letters a text must have to say who somebody is


def redact_messages(command: RedactMessages) -> None:
    """Redact one chunk; while chunks are full it asks itself for the next one. At the end the audit trail says how many."""
    search = {
        "keys": list(command.keys),
        "chains": list(command.correlation_ids),
        "ids": list(command.message_ids),
        "after": command.after or FIRST,
        "limit": command.limit,
    }
    found = [message_id for (message_id,) in fetch_rows(FOUND, search)]
    redacted_so_far = command.redacted + _redact(found, command.customer_id)
    if len(found) == command.limit:
        send(command.model_copy(update={"after": found[-1], "redacted": redacted_so_far}))
        return
    redact_history(list(command.keys))
    if command.customer_id is None or not command.reason:
        return
    cause = current_unit().cause
    with acting(cause.actor if cause else current_actor(), cause.correlation_id if cause else None):
        record_action(
            verb="redact",
            target_type=TARGET,
            target_id=command.customer_id,
            reason=command.reason,
            after={"messages": redacted_so_far, "of": len(command.keys) + len(command.correlation_ids)},
        )


def _redact(message_ids: Sequence[UUID], customer_id: UUID | None) -> int:
    if not message_ids:
        return 0
    rows = []
    for message_id, name, version, text in fetch_rows(WITH_CAUSES, [list(message_ids)]):
        payload = json.loads(text)
        clean = _clean(name, version, payload)
        if clean != payload and (customer_id is None or _about(payload) in (None, str(customer_id))):
            rows.append((message_id, json.dumps(clean)))
    update_rows("messaging_message", ("id", "uuid"), (("payload", "jsonb"),), rows)
    return len(rows)


def _clean(name: str, version: str, payload: dict[str, Any]) -> dict[str, Any]:
    """A message of a release that knew other contracts loses whatever is called like something personal."""
    try:
        return redacted(find(name, version), payload)
    except UnknownMessage:
        return without_personal(payload)


def _about(payload: Mapping[str, Any]) -> str | None:
    """The customer whom the message names."""
    inner = payload.get("customer")
    named = payload.get("customerId") or (inner.get("customerId") if isinstance(inner, dict) else None)
    return None if named is None else str(named)


def scrub_reasons(target_id: object, personal: Sequence[str]) -> None:
    """Take these texts out of the reasons operators gave for what they did to this target. The rest of a reason stays."""
    texts = sorted({text for text in personal if len(text) >= SHORTEST}, key=len, reverse=True)
    if not texts:
        return
    pattern = re.compile("|".join(map(re.escape, texts)), re.IGNORECASE)
    given = fetch_rows(REASONS, [[str(target_id)]])
    kept = fetch_rows(CHANGE_REASONS, [_with_personal_columns(), [str(target_id)]])
    for table, reasons in (("messaging_operatoraction", given), ("messaging_objectchange", kept)):
        rows = [(row_id, pattern.sub(ERASED, reason)[:LONGEST_REASON]) for row_id, reason in reasons if pattern.search(reason)]
        _replace(table, (("reason", "text"),), rows)


def redact_history(targets: Sequence[str]) -> None:
    """Replace what operators' actions on these, and the record of their changes, say about a person."""
    actions = [
        (action_id, *(without_personal(json.loads(text)) for text in texts), *texts)
        for action_id, *texts in fetch_rows(ACTIONS, [list(targets)])
    ]
    changes = [
        (change_id, *(_without(audited()[table].personal, json.loads(text)) for text in texts), *texts)
        for change_id, table, *texts in fetch_rows(CHANGES, [_with_personal_columns(), list(targets)])
    ]
    for table, found in (("messaging_operatoraction", actions), ("messaging_objectchange", changes)):
        rows = [
            (row_id, json.dumps(before), json.dumps(after))
            for row_id, before, after, *texts in found
            if [before, after] != [json.loads(text) for text in texts]
        ]
        _replace(table, (("before", "jsonb"), ("after", "jsonb")), rows)


def _with_personal_columns() -> list[str]:
    return [one.table for one in audited().values() if one.personal]


def _without(personal: Sequence[str], values: dict[str, Any]) -> dict[str, Any]:
    return {key: ERASED if key in personal and value else value for key, value in values.items()}


def _replace(table: str, columns: Sequence[Column], rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with permitted("erase"):
            update_rows(table, ("id", "bigint"), columns, rows)
