"""Signatures as https://www.standardwebhooks.com describes them, version v1: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from django.conf import settings

PREFIX: Final = "whsec_"


def secret_of(endpoint_id: UUID, generation: int) -> str:
    """The secret of an endpoint, as its partner keeps it. Computed, so that no table and no backup has it."""
    key = (settings.WEBHOOK_SIGNING_KEY or settings.SECRET_KEY).encode()
    made = hmac.new(key, f"webhook:{endpoint_id}:{generation}".encode(), hashlib.sha256).digest()
    return PREFIX + b64encode(made).decode()


def headers_for(webhook_id: str, timestamp: int, body: bytes, secrets: Iterable[str]) -> Mapping[str, str]:
    """The three headers; one signature per secret, the newest first."""
    signatures = " ".join(signature(webhook_id, timestamp, body, secret) for secret in secrets)
    return {"webhook-id": webhook_id, "webhook-timestamp": str(timestamp), "webhook-signature": signatures}


def signature(webhook_id: str, timestamp: int, body: bytes, secret: str) -> str:
    """``v1,<base64>``."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    made = hmac.new(b64decode(secret.removeprefix(PREFIX)), signed, hashlib.sha256).digest()
    return f"v1,{b64encode(made).decode()}"
