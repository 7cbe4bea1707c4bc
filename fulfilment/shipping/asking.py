"""Nothing is left hanging: whatever the carrier may know better than we do is asked, by a person or by the timetable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog
from django.db.models import Q
from django.db.models.functions import Now

from fulfilment.shipping.booking import BATCH, LEASE_SECONDS, THREADS, Replied, ask_again, call_record, timed
from fulfilment.shipping.gateways import carrier
from fulfilment.shipping.gateways.answers import Absent, Told, Unclear
from fulfilment.shipping.journeys import open_journeys
from fulfilment.shipping.models import Shipment
from fulfilment.shipping.settling import settle
from fulfilment.shipping.states import ShipmentStatus
from shop.contracts.fulfilment import FollowShipments, TrackShipment
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import Call, Called, Outside

log = structlog.get_logger(__name__)

# Asking again is on its way by mail; this is for when that mail was lost, discarded or died.
OVERDUE: Final = timedelta(seconds=30)
NEXT_LOOK: Final = timedelta(minutes=15)


def follow(command: FollowShipments) -> int:
    """Ask about bookings without an answer and shipments without a word, at most ``limit``; how many there were."""
    due = Q(status=ShipmentStatus.CREATED, ask_again_at__lte=Now())
    due |= Q(status=ShipmentStatus.REQUESTED, refused_at__isnull=True, ask_again_at__lte=Now() - OVERDUE)
    rows = Shipment.objects.filter(due).order_by("ask_again_at").select_for_update(skip_locked=True)[: command.limit]
    found = list(rows)
    for shipment in found:
        if shipment.status == ShipmentStatus.CREATED:
            send(TrackShipment(shipment_id=shipment.pk))
        else:
            ask_again(shipment)
    Shipment.objects.filter(pk__in=[shipment.pk for shipment in found]).update(ask_again_at=Now() + NEXT_LOOK)
    return len(found)


def prepare(batch: Sequence[Envelope[TrackShipment]]) -> Sequence[Call[str]]:
    """Which of these the carrier can be asked about; the call takes our reference."""
    ids = [envelope.message.shipment_id for envelope in batch]
    booked = set(Shipment.objects.filter(pk__in=ids, carrier_shipment_id__isnull=False).values_list("pk", flat=True))
    return [Call(one, str(one.message.shipment_id)) for one in batch if one.message.shipment_id in booked]


def call(reference: str) -> Replied:
    """Ask."""
    found, milliseconds = timed(lambda: carrier.find(reference))
    return Replied(found, "track", milliseconds)


def record(called: Sequence[Called[str, Replied]]) -> None:
    """Bring what it says onto the shipments, through the same door as its webhooks."""
    journeys = open_journeys([item.envelope.message.shipment_id for item in called])
    for item in called:
        journey, said = journeys.by_id[item.envelope.message.shipment_id], item.result.answer
        if isinstance(said, Told):
            settle(journey, said)
            journey.publish(item.envelope)
        elif isinstance(said, Absent | Unclear):
            text = said.error if isinstance(said, Unclear) else "the carrier does not know it any more"
            log.warning("carrier_silent", shipment=str(journey.shipment.pk), error=text)
            journey.shipment.last_error, journey.changed = text, True
        journeys.calls.append(call_record(journey.shipment, item.result))
    journeys.save()


track_shipment = Outside(
    name="fulfilment.shipping.track_shipment",
    prepare=prepare,
    call=call,
    record=record,
    batch_size=BATCH,
    lease_seconds=LEASE_SECONDS,
    threads=THREADS,
)
