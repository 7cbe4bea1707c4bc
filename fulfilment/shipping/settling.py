"""The one door through which everything the carrier says comes onto a shipment: answers, webhooks, and what it is asked.

What it says may be late, doubled or out of order. Parcels only move forward; a shipment is booked once, delivered when every
parcel is, and failed when one will not arrive. Whatever comes first, the same words end in the same place.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings

from fulfilment.shipping import facts
from fulfilment.shipping.gateways.answers import ParcelTold, Told
from fulfilment.shipping.gateways.reading import STATUSES
from fulfilment.shipping.journeys import Journey
from fulfilment.shipping.models import Parcel, TrackingEvent
from fulfilment.shipping.states import PARCEL_RANK, UNDER_WAY, FailureReason, ParcelStatus, ShipmentStatus

log = structlog.get_logger(__name__)


def settle(journey: Journey, told: Told) -> None:
    """Bring what the carrier says onto the shipment. Whether it did anything shows in ``journey.changed``."""
    shipment = journey.shipment
    if shipment.carrier_shipment_id not in {None, told.carrier_shipment_id}:
        log.error("carrier_booked_twice", shipment=str(shipment.pk), other=told.carrier_shipment_id)
        journey.notes.append(f"it is about another booking of the carrier, {told.carrier_shipment_id}: ours came first")
        return
    _remember(journey, told)
    if shipment.status == ShipmentStatus.REQUESTED:
        _book(journey, told)
    _move_parcels(journey, told)
    _conclude(journey, told)
    shipment.heard_at, journey.changed = journey.now, True
    if shipment.status == ShipmentStatus.CREATED:
        shipment.ask_again_at = journey.now + timedelta(hours=settings.SHIPMENT_SILENT_HOURS)


def _book(journey: Journey, told: Told) -> None:
    shipment = journey.shipment
    shipment.carrier_shipment_id, shipment.tracking_number = told.carrier_shipment_id, told.tracking_number
    shipment.carrier = told.carrier or shipment.carrier
    shipment.label_url, shipment.estimated_delivery = told.label_url, told.estimated_delivery
    shipment.book(at=journey.now)
    journey.say(facts.created(shipment))


def _remember(journey: Journey, told: Told) -> None:
    said = [(event.status, event.at, event.tracking_number) for event in told.events]
    if told.at is not None:
        said.append((told.status, told.at, ""))
    journey.events += [
        TrackingEvent(shipment=journey.shipment, status=status, at=at, tracking_number=number) for status, at, number in said
    ]


def _move_parcels(journey: Journey, told: Told) -> None:
    _number(journey.parcels, told)
    by_number = {parcel.tracking_number: parcel for parcel in journey.parcels}
    for said in told.parcels or [ParcelTold(parcel.tracking_number, STATUSES[told.status]) for parcel in journey.parcels]:
        parcel = by_number.get(said.tracking_number)
        if parcel is None:
            journey.notes.append(f"the carrier speaks of a parcel we do not know, {said.tracking_number}")
        elif PARCEL_RANK[ParcelStatus(said.status)] > PARCEL_RANK[ParcelStatus(parcel.status)]:
            parcel.status, parcel.changed_at = said.status, _past(journey, told)


def _number(parcels: list[Parcel], told: Told) -> None:
    """Give our parcels the carrier's numbers, in the carrier's order; those that have one keep it."""
    known = {parcel.tracking_number for parcel in parcels}
    spoken_of = [said.tracking_number for said in told.parcels] or [told.tracking_number]
    new = iter([number for number in spoken_of if number not in known])
    for parcel in parcels:
        if not parcel.tracking_number:
            parcel.tracking_number = next(new, "")


def _conclude(journey: Journey, told: Told) -> None:
    shipment = journey.shipment
    if all(parcel.status == ParcelStatus.DELIVERED for parcel in journey.parcels):
        _deliver(journey, told)
    elif shipment.status in UNDER_WAY and any(parcel.status == ParcelStatus.FAILED for parcel in journey.parcels):
        shipment.fail(reason=told.reason or FailureReason.LOST, at=_past(journey, told))
        journey.say(facts.failed(shipment))


def _deliver(journey: Journey, told: Told) -> None:
    shipment = journey.shipment
    at, signed_by = _past(journey, told), told.signed_by
    if shipment.status == ShipmentStatus.CREATED:
        shipment.deliver(at=at, signed_by=signed_by)
    elif shipment.status == ShipmentStatus.FAILED and not shipment.resolution:
        shipment.turn_up(at=at, signed_by=signed_by)
    else:
        if shipment.status == ShipmentStatus.FAILED:
            journey.notes.append(f"it arrived after all, but it was {shipment.get_resolution_display().lower()} already")
        return
    journey.say(facts.delivered(shipment))


def _past(journey: Journey, told: Told) -> datetime:
    """When the carrier says it happened, but never later than now by our own clock."""
    return min(told.at or journey.now, journey.now)
