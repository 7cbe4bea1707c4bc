"""What a stored webhook says, brought onto its shipment through the same door as the carrier's answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models.functions import Now

from fulfilment.shipping.gateways.answers import Told
from fulfilment.shipping.gateways.reading import Unreadable, told_of
from fulfilment.shipping.journeys import Journeys, open_journeys, wait_after
from fulfilment.shipping.models import CarrierWebhook
from fulfilment.shipping.settling import settle
from fulfilment.shipping.states import WebhookStatus
from shop.contracts.fulfilment import ReceiveCarrierWebhook
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.sets import Column, update_rows

ABOUT_SHIPMENTS: Final = frozenset({"shipment.created", "shipment.in_transit", "shipment.delivered", "shipment.failed"})
MOST_ATTEMPTS: Final = 5
CHANGES: Final[tuple[Column, ...]] = (
    ("status", "text"),
    ("attempts", "smallint"),
    ("did", "text"),
    ("shipment_id", "uuid"),
    ("worked_at", "timestamptz"),
)


def receive_carrier_webhooks(batch: Sequence[Envelope[ReceiveCarrierWebhook]]) -> None:
    """Work on these webhooks, shipments locked in primary-key order. What is about nobody we know is tried again, then parked."""
    causes = {envelope.message.inbox_id: envelope for envelope in batch}
    rows = CarrierWebhook.objects.filter(id__in=list(causes)).select_for_update().order_by("id").annotate(now=Now())
    waiting = [event for event in rows if event.status in (WebhookStatus.RECEIVED, WebhookStatus.PARKED)]
    said = {event.id: _said(event) for event in waiting}
    journeys = open_journeys(filter(None, (_shipment_of(told) for told in said.values())))
    for event in waiting:
        _work(event, said[event.id], journeys, causes[event.id])
    journeys.save()
    done = [(event.id, event.status, event.attempts, event.did, event.shipment_id, event.now) for event in waiting]
    update_rows("fulfilment_carrierwebhook", ("id", "uuid"), CHANGES, done)


def _said(event: CarrierWebhook) -> Told | str:
    """What it says, or why it says nothing to us."""
    if event.type not in ABOUT_SHIPMENTS:
        return "nothing to do for this type"
    try:
        return told_of(json.loads(bytes(event.body))["data"])
    except Unreadable as error:
        return f"parked: {error}"


def _shipment_of(told: Told | str) -> UUID | None:
    try:
        return UUID(told.reference) if isinstance(told, Told) else None
    except ValueError:
        return None


def _work(event: CarrierWebhook, told: Told | str, journeys: Journeys, cause: Envelope[ReceiveCarrierWebhook]) -> None:
    event.attempts += 1
    if isinstance(told, str):
        event.status = WebhookStatus.PARKED if told.startswith("parked") else WebhookStatus.IGNORED
        event.did = told.removeprefix("parked: ")
        return
    journey = journeys.get(_shipment_of(told))
    if journey is None:
        _nobody(event, cause)
        return
    before, journey.notes, event.shipment_id = journey.shape, [], journey.shipment.pk
    settle(journey, told)
    journey.publish(cause)
    event.status = WebhookStatus.APPLIED
    event.did = "; ".join([f"shipment {journey.shipment.pk} {before} → {journey.shape}", *journey.notes])


def _nobody(event: CarrierWebhook, cause: Envelope[ReceiveCarrierWebhook]) -> None:
    """It may be faster than our own commit; so it gets a few more chances before a person has to look."""
    event.did = "it is about no shipment of ours"
    if event.attempts >= MOST_ATTEMPTS:
        event.status = WebhookStatus.PARKED
        return
    due_at = event.now + timedelta(seconds=wait_after(event.attempts))  # type: ignore[attr-defined]
    send(ReceiveCarrierWebhook(inbox_id=event.id), cause=cause, due_at=due_at)
