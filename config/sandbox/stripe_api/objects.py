"""Stripe's objects as JSON: payment intents, charges, refunds, events, lists. Amounts in minor units."""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from config.sandbox.stripe_api.cards import Decline
from config.sandbox.webhooks import Event
from config.sandbox.wire import Json

API_VERSION = "2026-10-28.endive"
EXPIRES_SECONDS = 7 * 24 * 3600


def new_id(prefix: str) -> str:
    """A Stripe-like id, such as `pi_3f...`."""
    return f"{prefix}_{uuid.uuid4().hex[:24]}"


@dataclass(frozen=True, slots=True)
class Origin:
    """The request that caused something, as events report it."""

    api_version: str = API_VERSION
    idempotency_key: str | None = None
    request_id: str = field(default_factory=lambda: new_id("req"))


def intent(amount: int, currency: str, capture_method: str, **more: Any) -> Json:
    """A new payment intent, not yet confirmed."""
    id = new_id("pi")
    defaults: Json = {
        "id": id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": capture_method,
        "client_secret": f"{id}_secret_{uuid.uuid4().hex[:16]}",
        "confirmation_method": "automatic",
        "created": int(time.time()),
        "currency": currency,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "next_action": None,
        "payment_method_types": ["card"],
    }
    return defaults | more


def charge(intent: Json, decline: Decline | None) -> Json:
    """The attempt to take an intent's amount from its payment method."""
    captured = decline is None and intent["capture_method"] != "manual"
    failed = decline is not None
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if captured else 0,
        "amount_refunded": 0,
        "captured": captured,
        "created": int(time.time()),
        "currency": intent["currency"],
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "paid": not failed,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": {
            "type": "card",
            "card": {"last4": "4242", "capture_before": int(time.time()) + EXPIRES_SECONDS},
        },
        "refunded": False,
        "status": "failed" if failed else "succeeded",
    }


def payment_error(decline: Decline, charge_id: str, payment_method: str) -> Json:
    """What `last_payment_error` and the error body say about a decline."""
    error: Json = {
        "type": "card_error",
        "code": decline.code,
        "charge": charge_id,
        "doc_url": f"https://stripe.com/docs/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "payment_method": {"id": payment_method, "object": "payment_method", "type": "card"},
    }
    return error | {"decline_code": decline.decline_code} if decline.decline_code else error


def refund(charge: Json, amount: int, status: str, reason: str | None, metadata: dict[str, str]) -> Json:
    """A new refund of part or all of a charge."""
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": int(time.time()),
        "currency": charge["currency"],
        "failure_reason": None,
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": status,
    }


def event(type: str, about: str, snapshot: Json, origin: Origin) -> Event:
    """A `type` event carrying the object as it is now; `about` is the intent that keeps events in order."""
    id = new_id("evt")
    body = {
        "id": id,
        "object": "event",
        "api_version": origin.api_version,
        "created": int(time.time()),
        "data": {"object": dict(snapshot)},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": origin.request_id, "idempotency_key": origin.idempotency_key},
        "type": type,
    }
    return Event(id=id, type=type, about=about, body=body)


def page(items: list[Json], url: str, limit: int, starting_after: str | None) -> Json:
    """A list page, newest first, after the object with id `starting_after`."""
    newest_first = items[::-1]
    ids = [item["id"] for item in newest_first]
    start = ids.index(starting_after) + 1 if starting_after in ids else 0
    end = start + limit
    return {"object": "list", "url": url, "has_more": end < len(items), "data": newest_first[start:end]}
