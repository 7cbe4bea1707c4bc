"""The webhook inbox: verified over the raw body, stored as it came, answered at once, worked on later.

Source: https://docs.stripe.com/webhooks#verify-events. The signature proves the sender, its time stamp that it is fresh:
300 seconds in either direction. During a rotation ``STRIPE_WEBHOOK_SECRET`` holds two secrets, separated by a comma.
"""

from __future__ import annotations

import time
from uuid import UUID

import stripe
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from uuid_utils.compat import uuid7

from shop.contracts.payments import ReceiveStripeWebhook
from shop.http.webhooks import name_in, read_event
from shop.messaging.bus import send, unit_of_work
from shop.messaging.context import acting
from shop.messaging.errors import Invalid
from shop.messaging.sets import fetch_rows

PROVIDER = "stripe"
ACTOR = "service:stripe"
TOLERANCE_SECONDS = 300
LONGEST_ID = 255
LONGEST_TYPE = 100
STORE = """
    INSERT INTO payments_webhookevent (id, provider, event_id, type, body) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (provider, event_id) DO NOTHING RETURNING id
"""


def secrets() -> list[str]:
    """The secrets in force. Raises ``ImproperlyConfigured`` without any: an empty one would let anybody sign."""
    found = [secret.strip() for secret in settings.STRIPE_WEBHOOK_SECRET.split(",") if secret.strip()]
    if not found:
        raise ImproperlyConfigured("STRIPE_WEBHOOK_SECRET is empty: webhooks could not be told from forgeries.")
    return found


def receive(body: bytes, signature: str) -> UUID | None:
    """Keep one webhook and have it worked on; ``None`` if it is here already. Raises ``Invalid`` for a forgery, a stale
    time stamp, or a body that is not an event; nothing is kept then."""
    _verify(body, signature)
    event = read_event(body)
    inbox_id = uuid7()
    row = (inbox_id, PROVIDER, name_in(event, "id", LONGEST_ID), name_in(event, "type", LONGEST_TYPE), body)
    with acting(ACTOR), unit_of_work():
        if not fetch_rows(STORE, row):
            return None
        send(ReceiveStripeWebhook(inbox_id=inbox_id))
    return inbox_id


def _verify(body: bytes, signature: str) -> None:
    for secret in secrets():
        try:
            stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
            stamp = signature.split("t=", 1)[1].split(",", 1)[0]
            if int(stamp) <= time.time() + TOLERANCE_SECONDS:
                return
        except (stripe.SignatureVerificationError, ValueError):
            continue
    raise Invalid("invalid_signature", "The signature does not fit this body, or its time stamp is not fresh.")
