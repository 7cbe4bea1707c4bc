"""What outsiders are told of an event: its published payload without anything personal, and where it belongs."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from shop.contracts.privacy import told_outside
from shop.messaging.envelope import Envelope


def payload_of(envelope: Envelope[Any]) -> dict[str, Any]:
    """The declared fields that are not personal."""
    return told_outside(type(envelope.message), envelope.message.data())


def body_of(envelope: Envelope[Any]) -> str:
    """The JSON text a webhook sends."""
    message = envelope.message
    told: dict[str, Any] = {
        "type": message.message_name(),
        "version": message.version,
        "id": str(envelope.id),
        "timestamp": envelope.sent_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "key": message.ordering_key(),
        "data": payload_of(envelope),
    }
    if envelope.sequence is not None:
        told["sequence"] = envelope.sequence
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)
