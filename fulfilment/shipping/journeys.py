"""Shipments opened for a transaction: locked in primary-key order with their parcels, written back in a few statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import F, QuerySet

from fulfilment.inventory.holds import database_now
from fulfilment.shipping.models import CarrierCall, Parcel, Shipment, TrackingEvent
from fulfilment.shipping.states import UNDER_WAY
from shop.contracts.base import Event
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.sets import write_fields

FIELDS: Final = tuple(
    item.name for item in Shipment._meta.concrete_fields if not item.primary_key and item.name not in {"created_at", "version"}
)
LONGEST_WAIT: Final = 300.0


@dataclass(slots=True)
class Journey:
    """One locked shipment with its parcels, and what has been decided about it so far. ``notes`` are for operators."""

    shipment: Shipment
    parcels: list[Parcel]
    now: datetime
    changed: bool = False
    events: list[TrackingEvent] = field(default_factory=list)
    facts: list[Event] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def shape(self) -> str:
        """How it stands, in a few words."""
        parcels = ", ".join(f"{parcel.number}: {parcel.status}" for parcel in self.parcels)
        return f"{self.shipment.status} [{parcels}]"

    def say(self, fact: Event) -> None:
        """Keep a fact until the cause is known."""
        self.facts.append(fact)

    def publish(self, cause: Envelope[Any] | None = None) -> None:
        """State what was decided since the last time."""
        facts, self.facts = self.facts, []
        for fact in facts:
            publish(fact, cause=cause)


@dataclass(slots=True)
class Journeys:
    """Everything one transaction works on, and the calls it has to put on record."""

    by_id: dict[UUID, Journey]
    now: datetime
    calls: list[CarrierCall] = field(default_factory=list)

    def get(self, shipment_id: UUID | None) -> Journey | None:
        """The journey of this shipment, if there is such a shipment."""
        return self.by_id.get(shipment_id) if shipment_id else None

    def of_order(self, order_id: UUID) -> Journey | None:
        """The newest journey of this order."""
        found = [journey for journey in self.by_id.values() if journey.shipment.order_id == order_id]
        return max(found, key=lambda journey: journey.shipment.pk, default=None)

    def save(self) -> None:
        """Write what has changed: as many statements for fifty as for one."""
        changed = [journey for journey in self.by_id.values() if journey.changed]
        for journey in changed:
            journey.shipment.version += 1
        write_fields([journey.shipment for journey in changed], (*FIELDS, "version"))
        parcels = [parcel for journey in changed for parcel in journey.parcels]
        Parcel.objects.bulk_create(
            parcels,
            update_conflicts=True,
            unique_fields=["shipment", "number"],
            update_fields=["tracking_number", "status", "changed_at"],
        )
        events = [event for journey in self.by_id.values() for event in journey.events]
        TrackingEvent.objects.bulk_create(events, ignore_conflicts=True)
        CarrierCall.objects.bulk_create(self.calls)
        self.calls = []
        for journey in self.by_id.values():
            journey.events = []


def open_journeys(shipment_ids: Iterable[UUID]) -> Journeys:
    """Lock these shipments in primary-key order; unknown ones are missing."""
    return _open(Shipment.objects.filter(pk__in=set(shipment_ids)))


def open_of_orders(order_ids: Collection[UUID], *, under_way: bool = False) -> Journeys:
    """Lock the shipments of these orders, all of them or those under way."""
    rows = Shipment.objects.filter(order_id__in=order_ids)
    return _open(rows.filter(status__in=UNDER_WAY) if under_way else rows)


def _open(rows: QuerySet[Shipment]) -> Journeys:
    shipments = list(rows.order_by("pk").select_for_update())
    parcels: dict[UUID, list[Parcel]] = {shipment.pk: [] for shipment in shipments}
    for parcel in Parcel.objects.filter(shipment_id__in=list(parcels)).order_by(F("shipment_id"), F("number")):
        parcels[parcel.shipment_id].append(parcel)
    now = database_now()
    return Journeys({row.pk: Journey(row, parcels[row.pk], now) for row in shipments}, now)


def wait_after(asked: int) -> float:
    """Seconds until the carrier is asked again, after so many times: 2, 4, 8 ... and five minutes at most."""
    return min(2.0 ** min(asked, 10), LONGEST_WAIT)
