"""When an event happens: one sending for every active endpoint that asked for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from shop.contracts.outward import DeliverWebhook
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.sets import Column, insert_rows
from shop.outward.endpoints import now
from shop.outward.models import WebhookEndpoint
from shop.outward.states import EndpointState, SendingState
from shop.outward.telling import body_of

SENDING: Final[tuple[Column, ...]] = (
    ("id", "uuid"),
    ("endpoint_id", "uuid"),
    ("message_id", "uuid"),
    ("event", "text"),
    ("body", "text"),
    ("status", "text"),
    ("attempts", "int"),
    ("last_error", "text"),
    ("next_at", "timestamptz"),
)
ONCE: Final = "ON CONFLICT (endpoint_id, message_id) DO NOTHING RETURNING id, message_id"


def collect(batch: Sequence[Envelope[Any]]) -> None:
    """The same statements for fifty events as for one. An event that was collected before is not sent again."""
    listening = _listening({envelope.message.message_name() for envelope in batch})
    if not listening:
        return
    by_id = {envelope.id: envelope for envelope in batch}
    moment = now()
    rows = [
        (uuid7(), endpoint, envelope.id, name, body_of(envelope), SendingState.PENDING.value, 0, "", moment)
        for envelope in batch
        for name in (envelope.message.message_name(),)
        for endpoint in listening.get(name, ())
    ]
    for sending_id, message_id in insert_rows("outward_webhooksending", SENDING, rows, tail=ONCE):
        send(DeliverWebhook(sending_id=sending_id, attempt=1), cause=by_id[message_id])


def _listening(names: set[str]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = defaultdict(list)
    active = WebhookEndpoint.objects.filter(status=EndpointState.ACTIVE, events__overlap=sorted(names)).order_by("id")
    for endpoint, events in active.values_list("id", "events"):
        for name in names & set(events):
            found[name].append(endpoint)
    return found
