"""The carrier's API: book a shipment, find one by our reference. Answers in our words and never raises for what it does.

Connect and total time are ``OUTSIDE_CONNECT_TIMEOUT_SECONDS`` and ``OUTSIDE_TOTAL_TIMEOUT_SECONDS``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from urllib3.exceptions import HTTPError

from fulfilment.shipping.gateways.answers import Absent, RefusedBooking, Told, Unclear
from fulfilment.shipping.gateways.reading import Unreadable, told_of
from shop.gateways.http import NEVER_SENT, USER_AGENT, Line

OK: Final = frozenset({200, 201})
# What the request itself is refused for. Everything else says nothing about whether it was carried out.
REFUSALS: Final = frozenset({400, 402, 404, 422})
CERTAINLY_NOT_DONE: Final = frozenset({401, 403, 429})
KEY_REUSED: Final = "IDEMPOTENCY_KEY_REUSED"
LONGEST_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class Booking:
    """Everything one booking says. ``destination`` is an address as the contracts write one."""

    reference: str
    order_id: str
    carrier: str
    service: str
    parcels: int
    destination: Mapping[str, Any]

    def body(self) -> str:
        """As the carrier reads it; the same booking gives the same text, or its key would not fit any more."""
        names = ("recipientName", "name"), ("line1", "line1"), ("line2", "line2"), ("city", "city")
        more = ("postalCode", "postcode"), ("countryCode", "country")
        destination = {theirs: self.destination[ours] for ours, theirs in (*names, *more) if self.destination.get(ours)}
        return json.dumps(
            {
                "orderId": self.order_id,
                "reference": self.reference,
                "carrier": self.carrier,
                "service": self.service,
                "parcels": self.parcels,
                "destination": destination,
            }
        )


def book(booking: Booking, *, key: str) -> Told | RefusedBooking | Unclear:
    """Book it. The same ``key`` never books twice."""
    status, said, error = _asked("POST", "/v1/shipments", body=booking.body(), key=key)
    if error is not None:
        return error
    if status not in OK:
        return _refusal(status, said)
    try:
        return told_of(said)
    except Unreadable as problem:
        return Unclear(f"HTTP {status}: {problem}")


def find(reference: str) -> Told | Absent | Unclear:
    """The booking that carries our reference. If there are several, the first one: the others are found by comparing."""
    found = all_of(reference)
    if isinstance(found, Unclear):
        return found
    return found[0] if found else Absent()


def all_of(reference: str) -> list[Told] | Unclear:
    """Every booking that carries our reference; more than one is one too many."""
    status, said, error = _asked("GET", f"/v1/shipments?{urlencode({'reference': reference})}")
    if error is not None:
        return error
    if status not in OK:
        # Whoever refuses to look has not said that there is nothing.
        return Unclear(f"HTTP {status}: {_short(said)}")
    try:
        return [told_of(item) for item in _shipments(said)]
    except Unreadable as problem:
        return Unclear(f"HTTP {status}: {problem}")


@cache
def _line(base: str, connect_seconds: float, total_seconds: float) -> Line:
    return Line(base, connect_seconds, total_seconds)


def _asked(method: str, path: str, *, body: str | None = None, key: str = "") -> tuple[int, Any, Unclear | None]:
    """Status and JSON of one exchange, or why there is none."""
    line = _line(settings.CARRIER_API_BASE, settings.OUTSIDE_CONNECT_TIMEOUT_SECONDS, settings.OUTSIDE_TOTAL_TIMEOUT_SECONDS)
    headers = {
        "Authorization": f"Bearer {settings.CARRIER_API_KEY}",
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        **({"Idempotency-Key": key} if key else {}),
    }
    try:
        content, status, _ = line.exchange(method, f"{settings.CARRIER_API_BASE}{path}", headers, body)
        return status, json.loads(content), None
    except HTTPError as error:
        return 0, None, Unclear(_short(str(error) or type(error).__name__), maybe_done=not isinstance(error, NEVER_SENT))
    except (ValueError, RecursionError):
        return status, None, Unclear(f"HTTP {status}, and not JSON", maybe_done=status not in CERTAINLY_NOT_DONE)


def _shipments(said: Any) -> list[Any]:
    found = said.get("shipments") if isinstance(said, Mapping) else None
    if not isinstance(found, list):
        raise Unreadable("shipments is not a list")
    return found


def _refusal(status: int, said: Any) -> RefusedBooking | Unclear:
    code = _short(said.get("code")) if isinstance(said, Mapping) else ""
    message = _short(said.get("message")) if isinstance(said, Mapping) else ""
    if status in REFUSALS and code != KEY_REUSED:
        return RefusedBooking(code or f"HTTP {status}", message or "The carrier gave no reason.")
    return Unclear(f"HTTP {status} {code}: {message}", maybe_done=status not in CERTAINLY_NOT_DONE)


def _short(value: Any) -> str:
    return str(value or "").replace("\x00", "")[:LONGEST_ERROR]
