"""What the carrier can tell us, in our own words. Times in UTC, by the carrier's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ParcelTold:
    """How one parcel stands, in the words of our ``ParcelStatus``."""

    tracking_number: str
    status: str


@dataclass(frozen=True, slots=True)
class EventTold:
    """One thing that happened to a shipment or one of its parcels, in the carrier's word."""

    status: str
    at: datetime
    tracking_number: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """The carrier's shipment as it was when the carrier spoke, which may be long ago.

    ``reference`` is the id of our shipment. ``status`` is ``created``, ``in_transit``, ``delivered`` or ``failed``; ``reason``
    (one of our ``FailureReason``) is there when it failed. ``parcels`` is empty when the carrier speaks of the whole only.
    """

    carrier_shipment_id: str
    reference: str
    status: str
    carrier: str
    tracking_number: str
    at: datetime | None = None
    parcels: tuple[ParcelTold, ...] = ()
    events: tuple[EventTold, ...] = ()
    label_url: str = ""
    estimated_delivery: date | None = None
    signed_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RefusedBooking:
    """The carrier will not take it as it is: nothing was booked, and repeating it is useless."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The carrier knows no such shipment."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """No usable answer. Only when not even the request got out (``maybe_done`` is false) has certainly nothing been booked."""

    error: str
    maybe_done: bool = True


Answer = Told | RefusedBooking | Absent | Unclear
