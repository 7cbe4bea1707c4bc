"""Webhooks as the provider sends them, signed by hand where a test wants them wrong."""

import json
import time
from typing import Any

import stripe
from django.conf import settings
from django.test import Client
from uuid_utils.compat import uuid7

from payments.gateways.connection import API_VERSION

PATH = "/webhooks/stripe"


def event_about(thing: dict[str, Any], type: str, **changes: Any) -> dict[str, Any]:
    """An event of this type with the thing as it is."""
    event: dict[str, Any] = {
        "id": f"evt_{uuid7().hex}",
        "object": "event",
        "api_version": API_VERSION,
        "created": int(time.time()),
        "data": {"object": thing},
        "livemode": False,
        "type": type,
    }
    return event | changes


def signed(body: bytes, secret: str | None = None, at: float | None = None) -> str:
    """The signature header of this body."""
    stamp = int(time.time() if at is None else at)
    text = body.decode(errors="surrogateescape")
    return stripe.WebhookSignature.generate_signature_header(text, secret or settings.STRIPE_WEBHOOK_SECRET, stamp)


def post(event: Any, signature: str | None = None) -> Any:
    """The answer to this webhook, signed properly unless a signature is given."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    header = signed(body) if signature is None else signature
    headers = {"Stripe-Signature": header} if header else {}
    return Client(raise_request_exception=False).generic("POST", PATH, body, content_type="application/json", headers=headers)
