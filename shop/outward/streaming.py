"""The stream for outsiders: events noted in commit order, then appended to Redis from what was noted.

The database is where the stream is kept; Redis has a copy that can be lost. An entry's id in Redis is its id here, so a relay
needs no record of what it has done: it asks the stream for its newest id and appends what comes after. Two relays at once, one
that dies half-way and a Redis that lost everything all end in the same stream.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import structlog

from shop.contracts.base import Event
from shop.contracts.outward import RelayEventStream
from shop.contracts.registry import ALL
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import Call, Called, Outside
from shop.messaging.sets import Column, fetch_rows, insert_rows
from shop.outward.gateways import streams
from shop.outward.telling import payload_of

log = structlog.get_logger(__name__)

OWNERS: Final = tuple(sorted({message.owner for message in ALL if issubclass(message, Event)}))
CHUNK: Final = 500
ENTRY: Final[tuple[Column, ...]] = (
    ("owner", "text"),
    ("message_id", "uuid"),
    ("name", "text"),
    ("version", "text"),
    ("key", "text"),
    ("sequence", "bigint"),
    ("payload", "text"),
    ("occurred_at", "timestamptz"),
)
# Ids are allotted by one transaction at a time (an ordered subscriber has one drainer), so nothing ever appears before them.
AFTER: Final = """
    SELECT id, message_id, name, version, key, sequence, payload, occurred_at FROM outward_streamentry
    WHERE owner = %s AND id > %s ORDER BY id LIMIT %s
"""


def note(batch: Sequence[Envelope[Any]]) -> None:
    """Keep these events for the stream, in their order, each once; whatever the stream lacks is appended after the commit."""
    rows = [
        (
            envelope.message.owner,
            envelope.id,
            envelope.message.message_name(),
            envelope.message.version,
            envelope.message.ordering_key(),
            envelope.sequence,
            json.dumps(payload_of(envelope), separators=(",", ":"), ensure_ascii=False),
            envelope.sent_at,
        )
        for envelope in batch
    ]
    insert_rows("outward_streamentry", ENTRY, rows, tail="ON CONFLICT (message_id) DO NOTHING")
    send(RelayEventStream(), cause=batch[-1])


def prepare(batch: Sequence[Envelope[RelayEventStream]]) -> Sequence[Call[None]]:
    """However many ask for it, it is done once."""
    return [Call(batch[0], None)]


def call(_intent: None) -> str:
    """Append what each stream lacks; why it could not be done, or nothing."""
    try:
        for owner, newest in zip(OWNERS, streams.newest_ids(OWNERS), strict=True):
            for entries in _after(owner, newest):
                streams.append(owner, entries)
    except streams.StreamAway as away:
        return str(away)
    return ""


def record(called: Sequence[Called[None, str]]) -> None:
    """Nothing has to be: the stream itself says how far it is. While Redis is away the timetable asks again."""
    for item in called:
        if item.result:
            log.warning("event_stream_away", error=item.result)


def _after(owner: str, newest: int) -> Iterator[list[streams.Entry]]:
    while True:
        rows = fetch_rows(AFTER, [owner, newest, CHUNK])
        if not rows:
            return
        yield [streams.Entry(row[0], _fields(row)) for row in rows]
        newest = rows[-1][0]


def _fields(row: Sequence[Any]) -> dict[str, str]:
    _, message_id, name, version, key, sequence, payload, occurred_at = row
    fields = {
        "id": str(message_id),
        "type": name,
        "version": version,
        "key": key,
        "timestamp": occurred_at.isoformat().replace("+00:00", "Z"),
        "data": payload,
    }
    return fields if sequence is None else {**fields, "sequence": str(sequence)}


relay_event_stream: Final = Outside(
    name="shop.outward.relay_event_stream", prepare=prepare, call=call, record=record, batch_size=500
)
