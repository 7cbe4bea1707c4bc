"""What the pages of a shipment and of a carrier's webhook are made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from fulfilment.shipping.models import CarrierCall, CarrierWebhook, Shipment
from fulfilment.shipping.states import ParcelStatus, Resolution, ShipmentStatus
from shop.console.directory import link_to
from shop.console.formats import as_json, badge, code, link, moment, span
from shop.console.sections import Document, Facts, Said, Table, Timeline
from shop.console.timeline import entries_about

MOST: Final = 50
ADDRESS: Final = ("recipientName", "line1", "line2", "postalCode", "city", "countryCode")
PARCEL_TONES: Final = {
    ParcelStatus.ANNOUNCED: "plain",
    ParcelStatus.IN_TRANSIT: "busy",
    ParcelStatus.DELIVERED: "good",
    ParcelStatus.FAILED: "bad",
}
SUCCESSORS: Final = {Resolution.REDELIVERED: "shipment", Resolution.REPLACED: "picking"}


def shipment_sections(row: Shipment) -> Sequence[Any]:
    """What comes next, where it is, what the carrier said and was asked."""
    late = [Said("It changed after the carrier was asked: tell it by other means, or let it come back.", "warn", "Address:")]
    return (
        Said(*what_next(row)),
        *(late if row.address_came_late and row.status in {ShipmentStatus.REQUESTED, ShipmentStatus.CREATED} else []),
        _parcels(row),
        _tracking(row),
        Facts("Shipment", _facts(row)),
        *([] if row.is_collected else [_calls(row), _webhooks(row)]),
        Timeline("Timeline of the order's shipping", entries_about(str(row.order_id))),
    )


def what_next(row: Shipment) -> tuple[str, str, str]:
    """What happens next, and who does it, with the tone to say it in."""
    if row.refused_at:
        return f"{row.refused_because} Change the order's address, book again, or give it up.", "bad", "The carrier refused it:"
    if row.status == ShipmentStatus.FAILED and row.resolution:
        return f"{row.get_failure_reason_display()}. {row.get_resolution_display()}.", "plain", "It failed:"
    if row.status == ShipmentStatus.FAILED:
        return f"{row.get_failure_reason_display()}. Send it again, replace it, or give it up.", "bad", "It failed:"
    if row.may_be_booked:
        return (
            f"{row.last_error or 'It was asked'}. It is asked again under the same key.",
            "warn",
            "No answer yet:",
        )
    if row.status == ShipmentStatus.REQUESTED:
        return "The carrier is about to be asked.", "busy", "Next:"
    if row.status == ShipmentStatus.DELIVERED:
        return "Nothing: it has arrived.", "good", "Next:"
    waits = "The customer comes for it; then hand it over." if row.is_collected else "The carrier tells us when it arrives."
    return waits, "busy", "Next:"


def webhook_sections(row: CarrierWebhook) -> Sequence[Any]:
    """What came, and what it did."""
    facts = (
        ("Their id", code(row.event_id)),
        ("Received", moment(row.received_at, full=True)),
        ("Worked on", moment(row.worked_at, full=True)),
        ("Attempts", f"{row.attempts}"),
    )
    tone = "bad" if row.status == "PARKED" else "plain"
    return (
        Said(row.did or "Nothing yet: it waits to be worked on.", tone, "What it did:"),
        Facts("Webhook", facts),
        Document("What it says", _body(row)),
    )


def _parcels(row: Shipment) -> Table:
    rows = [
        (
            parcel.number,
            code(parcel.tracking_number),
            badge(parcel.get_status_display(), PARCEL_TONES[ParcelStatus(parcel.status)]),
            moment(parcel.changed_at),
        )
        for parcel in row.parcels.order_by("number")
    ]
    return Table("Parcels", ("#", "Tracking number", "State", "Since"), rows)


def _tracking(row: Shipment) -> Table:
    rows = [
        (
            moment(event.at, full=True),
            event.status.replace("_", " "),
            event.tracking_number or "all parcels",
            moment(event.heard_at),
        )
        for event in row.events.order_by("-at", "-id")[:MOST]
    ]
    headings = ("When, says the carrier", "What", "Parcel", "We heard")
    return Table("Tracking", headings, rows, empty="No carrier has said anything yet.")


def _facts(row: Shipment) -> Sequence[tuple[str, Any]]:
    destination = row.destination or {}
    where = ", ".join(str(destination[name]) for name in ADDRESS if destination.get(name))
    kind = SUCCESSORS.get(Resolution(row.resolution)) if row.resolution else None
    return (
        ("Order", link_to("order", row.order_id, row.confirmation_number)),
        ("Picking job", link_to("picking", row.picking_job_id)),
        ("Goes to", where or "is collected by the customer"),
        ("Carrier", f"{row.carrier}, {row.service}" if row.carrier else "none"),
        ("Carrier's id", code(row.carrier_shipment_id)),
        ("Label", link(row.label_url, "open") if row.label_url.startswith("https://") else "—"),
        ("Journey", f"{row.attempt}"),
        ("Try to book", f"{row.booking_try}, asked {row.asked} times"),
        ("Expected", row.estimated_delivery or "—"),
        ("Requested", moment(row.created_at, full=True)),
        ("Booked", moment(row.booked_at, full=True)),
        ("Last heard", moment(row.heard_at, full=True)),
        ("Asked again", moment(row.ask_again_at, full=True)),
        ("Delivered", moment(row.delivered_at, full=True)),
        ("Signed by", row.signed_by or "—"),
        ("Came in its place", link_to(kind, row.successor_id) if kind else "—"),
    )


def _calls(row: Shipment) -> Table:
    rows = [
        (
            moment(call.recorded_at),
            call.operation,
            call.outcome,
            span(call.milliseconds / 1000),
            code(call.idempotency_key),
            call.detail[:200] or "—",
        )
        for call in CarrierCall.objects.filter(shipment_id=row.pk).order_by("-id")[:MOST]
    ]
    headings = ("When", "Asked", "Answer", "Took", "Idempotency key", "Detail")
    return Table("Calls to the carrier", headings, rows, empty="The carrier was never asked.")


def _webhooks(row: Shipment) -> Table:
    rows = [
        (moment(one.received_at), link_to("carrier webhook", one.pk, one.type), one.get_status_display(), one.did)
        for one in CarrierWebhook.objects.filter(shipment_id=row.pk).order_by("-id")[:MOST]
    ]
    return Table("Webhooks", ("Received", "Type", "State", "What it did"), rows, empty="The carrier has not told us anything.")


def _body(row: CarrierWebhook) -> str:
    raw = bytes(row.body)
    try:
        return as_json(json.loads(raw))
    except ValueError:
        return raw.decode("utf-8", "replace")
