"""The carrier's JSON, read strictly: what we cannot use is not guessed at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from fulfilment.shipping.gateways.answers import EventTold, ParcelTold, Told
from fulfilment.shipping.states import FailureReason, ParcelStatus

STATUSES: Final[Mapping[str, str]] = {
    "created": ParcelStatus.ANNOUNCED,
    "in_transit": ParcelStatus.IN_TRANSIT,
    "delivered": ParcelStatus.DELIVERED,
    "failed": ParcelStatus.FAILED,
}
LONGEST: Final = 200
LONGEST_URL: Final = 500
MOST: Final = 100


class Unreadable(Exception):
    """The carrier said something that cannot be a shipment."""


def told_of(data: Any) -> Told:
    """A shipment, as an answer or a webhook carries it. Raises ``Unreadable``."""
    if not isinstance(data, Mapping):
        raise Unreadable("the shipment is not an object")
    status = _text(data, "status")
    if status not in STATUSES:
        raise Unreadable(f"unknown status {status[:40]!r}")
    reason = _text(data, "reason", optional=True)
    if status == "failed" and reason not in FailureReason.values:
        raise Unreadable(f"it failed for no known reason ({reason[:40]!r})")
    return Told(
        carrier_shipment_id=_text(data, "shipmentId"),
        reference=_text(data, "reference"),
        status=status,
        carrier=_text(data, "carrier", optional=True),
        tracking_number=_text(data, "trackingNumber"),
        at=_moment(data.get("occurredAt")),
        parcels=_parcels(data),
        events=tuple(_event(item) for item in _list(data, "events")),
        label_url=_text(data, "labelUrl", optional=True, longest=LONGEST_URL),
        estimated_delivery=_day(data.get("estimatedDelivery")),
        signed_by=_text(data, "signedBy", optional=True),
        reason=reason if status == "failed" else "",
    )


def _parcels(data: Mapping[str, Any]) -> tuple[ParcelTold, ...]:
    found = []
    for item in _list(data, "parcels"):
        if not isinstance(item, Mapping) or item.get("status") not in STATUSES:
            raise Unreadable("a parcel has no known status")
        found.append(ParcelTold(_text(item, "trackingNumber"), STATUSES[item["status"]]))
    return tuple(found)


def _event(item: Any) -> EventTold:
    at = _moment(item.get("at")) if isinstance(item, Mapping) else None
    if at is None:
        raise Unreadable("a tracking event has no time")
    return EventTold(_text(item, "status")[:40], at, _text(item, "trackingNumber", optional=True))


def _list(data: Mapping[str, Any], name: str) -> list[Any]:
    value = data.get(name) or []
    if not isinstance(value, list) or len(value) > MOST:
        raise Unreadable(f"{name} is not a list we can use")
    return value


def _text(data: Mapping[str, Any], name: str, *, optional: bool = False, longest: int = LONGEST) -> str:
    value = data.get(name)
    if value is None and optional:
        return ""
    if not isinstance(value, str) or not value.isprintable() or not (optional or value) or len(value) > longest:
        raise Unreadable(f"{name} is not a text we can use")
    return value


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        raise Unreadable("a time is not a time") from None


def _day(value: Any) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unreadable("the estimated delivery is not a day") from None
