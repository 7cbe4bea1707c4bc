"""From stored text to a contract. What cannot be read is parked with its reason, never dropped and never fatal to others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from shop.contracts.registry import UnknownMessage, find
from shop.contracts.versions import read_as
from shop.messaging.delivery.claim import Claimed
from shop.messaging.delivery.failure import Unreadable, failure_of, record_failure
from shop.messaging.envelope import Envelope
from shop.messaging.routing import Route, switchboard


def read_all(route: Route, claimed: Sequence[Claimed]) -> list[Envelope[Any]]:
    """Envelopes of all that can be read, in order, each in the version that ``route`` asks for. The others are parked as dead
    in this same transaction."""
    envelopes = []
    for item in claimed:
        try:
            envelopes.append(read(route, item))
        except Unreadable as error:
            record_failure(item.delivery_id, item.attempts, failure_of(error))
    return envelopes


def read(route: Route, item: Claimed) -> Envelope[Any]:
    """The envelope of one claimed delivery. Raises ``Unreadable``."""
    try:
        written = find(item.name, item.version)
        return item.envelope(read_as(switchboard().wanted(route.name, written), written, item.payload))
    except UnknownMessage as error:
        raise Unreadable(f"unknown message {item.name}@{item.version}: this worker is older than its sender") from error
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, detail["loc"])) for detail in error.errors()[:5])
        raise Unreadable(f"malformed {item.name}@{item.version}: {fields or 'payload'}") from error
