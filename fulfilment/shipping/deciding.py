"""What a person decides about a shipment: try to book it again, send it again, replace it, count it as lost, give it up, hand it
over the counter. Its job is locked before the shipment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from fulfilment.inventory import consuming
from fulfilment.inventory.holds import database_now
from fulfilment.shipping import facts
from fulfilment.shipping.booking import ask_again
from fulfilment.shipping.models import Parcel, Shipment
from fulfilment.shipping.opening import open_again
from fulfilment.shipping.queries import full_view, no_such_shipment
from fulfilment.shipping.states import TRAVELS_AGAIN, FailureReason, ParcelStatus, Resolution, ShipmentStatus
from fulfilment.warehouse import jobs
from fulfilment.warehouse.models import PickingJob
from fulfilment.warehouse.picking import follow_order
from shop.contracts.fulfilment import ShipmentView
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Refused


def retry_booking(shipment_id: UUID) -> ShipmentView:
    """Ask the carrier again for what it refused: the refused try booked nothing, so the next one has a key of its own."""
    _, shipment = _locked(shipment_id)
    if shipment.refused_at is None:
        raise Refused("booking_not_refused", "The carrier has not refused it.")
    try_again(shipment)
    _save(shipment)
    return full_view(shipment)


def try_again(shipment: Shipment, *, cause: Envelope[Any] | None = None) -> None:
    """Begin the next try of a locked shipment that certainly is not booked; the caller saves it."""
    shipment.booking_try += 1
    shipment.asked, shipment.asked_since = 0, None
    shipment.refused_at, shipment.refused_because = None, ""
    shipment.ask_again_at = database_now()
    ask_again(shipment, cause=cause)


def redeliver(shipment_id: UUID) -> ShipmentView:
    """Send the same parcels again, to where the order goes by now. Answers with the new shipment."""
    job, shipment = _locked(shipment_id)
    _require_undecided(shipment)
    if shipment.failure_reason not in TRAVELS_AGAIN:
        raise Refused("nothing_to_send_again", "The goods are gone: replace the shipment instead.")
    follow_order(job)
    jobs.save(job)
    _resolve(shipment, Resolution.REDELIVERED)
    again = open_again(shipment, job)
    shipment.successor_id = again.pk
    _save(shipment)
    ask_again(again)
    return full_view(again)


def replace(shipment_id: UUID) -> ShipmentView:
    """Have the same goods picked again, from stock that is reserved here and now. Raises ``Refused`` when there is not enough."""
    job, shipment = _locked(shipment_id)
    _require_undecided(shipment)
    follow_order(job)
    jobs.save(job)
    lines = [line for line in jobs.lines_of(job) if line.picked]
    job_id, reservation_id = uuid7(), uuid7()
    consuming.secure(reservation_id, job.order_id, job.customer_id, jobs.picked(lines))
    again = [(line.position, line.product_id, line.sku, line.name, line.picked) for line in lines]
    jobs.create_replacement(job, job_id, reservation_id, shipment.pk, again)
    _resolve(shipment, Resolution.REPLACED)
    shipment.successor_id = job_id
    _save(shipment)
    return full_view(shipment)


def mark_lost(shipment_id: UUID) -> ShipmentView:
    """Nobody expects it any more. Publishes ``ShipmentFailed``; the carrier may still prove us wrong."""
    _, shipment = _locked(shipment_id)
    if shipment.is_collected or shipment.status != ShipmentStatus.CREATED:
        raise Refused(
            "shipment_not_under_way", f"It is {shipment.get_status_display().lower()}: only what is under way gets lost."
        )
    _fail(shipment, FailureReason.LOST)
    _save(shipment)
    return full_view(shipment)


def give_up(shipment_id: UUID) -> ShipmentView:
    """The order ends and its money goes back. Publishes ``OrderUndeliverable``.

    For a failed shipment, one that no carrier took, or one that nobody collected. Raises ``Refused`` while a carrier has it, or
    may have it.
    """
    _, shipment = _locked(shipment_id)
    if shipment.may_be_booked:
        raise Refused("booking_unknown", "The carrier may have booked it: its answer has to come first.")
    if shipment.status == ShipmentStatus.CREATED and not shipment.is_collected:
        raise Refused("shipment_under_way", "It is on its way: mark it lost first.")
    if shipment.status in {ShipmentStatus.REQUESTED, ShipmentStatus.CREATED}:
        _fail(shipment, FailureReason.FAILED_DELIVERY)
    _require_undecided(shipment)
    _resolve(shipment, Resolution.GIVEN_UP)
    _save(shipment)
    publish(facts.undeliverable(shipment, database_now()))
    return full_view(shipment)


def hand_over(shipment_id: UUID, collected_by: str) -> ShipmentView:
    """The customer has it. Publishes ``ShipmentDelivered``; a repeat changes nothing."""
    _, shipment = _locked(shipment_id)
    if not shipment.is_collected:
        raise Refused("not_collected", "A carrier brings this one: it is delivered when the carrier says so.")
    if shipment.status == ShipmentStatus.CREATED:
        now = database_now()
        shipment.deliver(at=now, signed_by=collected_by)
        Parcel.objects.filter(shipment=shipment).update(status=ParcelStatus.DELIVERED, changed_at=now)
        _save(shipment)
        publish(facts.delivered(shipment))
    elif shipment.status != ShipmentStatus.DELIVERED:
        raise Refused("shipment_over", "It has been given up.")
    return full_view(shipment)


def _locked(shipment_id: UUID) -> tuple[PickingJob, Shipment]:
    job_id = Shipment.objects.filter(pk=shipment_id).values_list("picking_job_id", flat=True).first()
    if job_id is None:
        raise no_such_shipment()
    return jobs.locked(job_id), Shipment.objects.select_for_update().get(pk=shipment_id)


def _require_undecided(shipment: Shipment) -> None:
    if shipment.status != ShipmentStatus.FAILED:
        raise Refused("shipment_not_failed", f"It is {shipment.get_status_display().lower()}: it has not failed.")
    if shipment.resolution:
        raise Refused("already_decided", f"It was decided already: {shipment.get_resolution_display().lower()}.")


def _resolve(shipment: Shipment, resolution: Resolution) -> None:
    shipment.resolution, shipment.resolved_at = resolution, database_now()


def _fail(shipment: Shipment, reason: FailureReason) -> None:
    now = database_now()
    shipment.fail(reason=reason, at=now)
    lost = Parcel.objects.filter(shipment=shipment).exclude(status=ParcelStatus.DELIVERED)
    lost.update(status=ParcelStatus.FAILED, changed_at=now)
    publish(facts.failed(shipment))


def _save(shipment: Shipment) -> None:
    shipment.version += 1
    shipment.save()
