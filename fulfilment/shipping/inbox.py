"""The carrier's webhooks: verified over the raw body, stored as they came, answered at once, worked on later.

The signature is ``t=<unix seconds>,v1=<HMAC-SHA256 of "t.body">`` with ``CARRIER_WEBHOOK_SECRET``; its time stamp may be 300
seconds off in either direction. During a rotation the setting holds two secrets, separated by a comma.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from uuid_utils.compat import uuid7

from shop.contracts.fulfilment import ReceiveCarrierWebhook
from shop.http.webhooks import name_in, read_event
from shop.messaging.bus import send, unit_of_work
from shop.messaging.context import acting
from shop.messaging.errors import Invalid
from shop.messaging.sets import fetch_rows

ACTOR: Final = "service:carrier"
TOLERANCE_SECONDS: Final = 300
LONGEST_SIGNATURE: Final = 1_000
LONGEST_ID: Final = 255
LONGEST_TYPE: Final = 100
STAMP: Final = re.compile(r"[0-9]{1,12}")
STORE: Final = """
    INSERT INTO fulfilment_carrierwebhook (id, event_id, type, body) VALUES (%s, %s, %s, %s)
    ON CONFLICT (event_id) DO NOTHING RETURNING id
"""


def secrets() -> list[bytes]:
    """The secrets in force. Raises ``ImproperlyConfigured`` without any: an empty one would let anybody sign."""
    found = [secret.strip().encode() for secret in settings.CARRIER_WEBHOOK_SECRET.split(",") if secret.strip()]
    if not found:
        raise ImproperlyConfigured("CARRIER_WEBHOOK_SECRET is empty: webhooks could not be told from forgeries.")
    return found


def receive(body: bytes, signature: str) -> UUID | None:
    """Keep one webhook and have it worked on; ``None`` if it is here already. Raises ``Invalid`` for a forgery, a stale
    time stamp, or a body that is not an event; nothing is kept then."""
    _verify(body, signature)
    event = read_event(body)
    inbox_id = uuid7()
    row = (inbox_id, name_in(event, "id", LONGEST_ID), name_in(event, "type", LONGEST_TYPE), body)
    with acting(ACTOR), unit_of_work():
        if not fetch_rows(STORE, row):
            return None
        send(ReceiveCarrierWebhook(inbox_id=inbox_id))
    return inbox_id


def _verify(body: bytes, signature: str) -> None:
    parts = [part.partition("=")[::2] for part in signature[:LONGEST_SIGNATURE].split(",")]
    stamps = [value for name, value in parts if name.strip() == "t"]
    given = [value for name, value in parts if name.strip() == "v1"]
    if len(stamps) == 1 and STAMP.fullmatch(stamps[0]) and abs(time.time() - int(stamps[0])) <= TOLERANCE_SECONDS:
        signed = stamps[0].encode() + b"." + body
        for secret in secrets():
            expected = hmac.new(secret, signed, hashlib.sha256).hexdigest().encode()
            if any(hmac.compare_digest(expected, one.encode(errors="replace")) for one in given):
                return
    raise Invalid("invalid_signature", "The signature does not fit this body, or its time stamp is not fresh.")
