"""Shipments begin here: for packed jobs, one each, in sets. Jobs are always locked before shipments."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from fulfilment.inventory.holds import database_now
from fulfilment.shipping import facts
from fulfilment.shipping.carriers import Choice, choose
from fulfilment.shipping.models import Shipment
from fulfilment.shipping.states import COLLECTED, ShipmentStatus
from fulfilment.warehouse.models import PickingJob
from fulfilment.warehouse.states import PickingStatus
from shop.contracts.fulfilment import CreateShipment, OrderPacked, OrderReadyForShipping
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.sets import Column, insert_rows, run

TABLE: Final = "fulfilment_shipment"
COLUMNS: Final[tuple[Column, ...]] = (
    ("id", "uuid"),
    ("order_id", "uuid"),
    ("picking_job_id", "uuid"),
    ("customer_id", "uuid"),
    ("confirmation_number", "text"),
    ("delivery_method", "text"),
    ("status", "text"),
    ("carrier", "text"),
    ("service", "text"),
    ("parcel_count", "smallint"),
    ("destination", "jsonb"),
    ("address_revision", "int"),
    ("ask_again_at", "timestamptz"),
    ("booked_at", "timestamptz"),
)
ADD_PARCELS: Final = """
    INSERT INTO fulfilment_parcel (shipment_id, number)
    SELECT s.id, n FROM fulfilment_shipment s, generate_series(1, s.parcel_count) AS n WHERE s.id = ANY(%s)
    ON CONFLICT DO NOTHING
"""


def open_for_carrier(batch: Sequence[Envelope[OrderReadyForShipping]]) -> None:
    """A shipment for each order whose parcels wait at the dock, and the command that books it."""
    causes = {envelope.message.order_id: envelope for envelope in batch}
    open_missing(dict.fromkeys(causes))
    waiting = Shipment.objects.filter(order_id__in=list(causes), status=ShipmentStatus.REQUESTED, asked=0)
    for shipment in waiting.order_by("pk"):
        send(facts.booking_of(shipment), cause=causes[shipment.order_id])


def open_for_collection(batch: Sequence[Envelope[OrderPacked]]) -> None:
    """Orders whose customer comes for them wait at the counter from now on: no carrier ever hears of them."""
    ids = [envelope.message.picking_job_id for envelope in batch if envelope.message.picking_job_id]
    _insert([_row(job, None, None) for job in _packed_jobs(pk__in=ids, delivery_method=COLLECTED)])


def open_missing(orders: Mapping[UUID, CreateShipment | None]) -> None:
    """Shipments for those of these orders that have a packed job for the carrier without one; a command may wish for
    carrier, service, parcels and destination."""
    jobs = _packed_jobs(order_id__in=list(orders))
    sendable = [job for job in jobs if not job.is_collected and job.address is not None]
    have = set(Shipment.objects.filter(picking_job_id__in=[job.pk for job in sendable]).values_list("picking_job_id", flat=True))
    _insert([_row(job, orders[job.order_id], job.address) for job in sendable if job.pk not in have])


def open_again(shipment: Shipment, job: PickingJob) -> Shipment:
    """The next journey of the same parcels, to where the order goes by now."""
    chosen = choose(job.place["countryCode"], job.priority)
    again = Shipment.objects.create(
        id=uuid7(),
        order_id=shipment.order_id,
        picking_job_id=job.pk,
        customer_id=shipment.customer_id,
        confirmation_number=shipment.confirmation_number,
        attempt=shipment.attempt + 1,
        delivery_method=shipment.delivery_method,
        carrier=chosen.carrier,
        service=chosen.service,
        parcel_count=shipment.parcel_count,
        destination=job.address,
        address_revision=job.address_revision,
        ask_again_at=database_now(),
    )
    run(ADD_PARCELS, [[again.pk]])
    return again


def _packed_jobs(**which: Any) -> Collection[PickingJob]:
    rows = PickingJob.objects.filter(status=PickingStatus.PACKED, **which)
    return list(rows.order_by("pk").select_for_update())


def _row(job: PickingJob, wish: CreateShipment | None, address: Mapping[str, Any] | None) -> tuple[object, ...]:
    now = database_now()
    destination = _destination(address, wish)
    chosen = _choice(job, wish, destination)
    return (
        uuid7(),
        job.order_id,
        job.pk,
        job.customer_id,
        job.confirmation_number,
        job.delivery_method,
        (ShipmentStatus.CREATED if job.is_collected else ShipmentStatus.REQUESTED).value,
        chosen.carrier,
        chosen.service,
        (wish.parcel_count if wish else None) or job.parcel_count,
        json.dumps(destination) if destination is not None else None,
        job.address_revision,
        None if job.is_collected else now,
        now if job.is_collected else None,
    )


def _choice(job: PickingJob, wish: CreateShipment | None, destination: Mapping[str, Any] | None) -> Choice:
    if destination is None:
        return Choice("", "")
    service, carrier = (wish.service, wish.carrier) if wish else (None, None)
    return choose(destination["countryCode"], job.priority, service=service, carrier=carrier)


def _destination(address: Mapping[str, Any] | None, wish: CreateShipment | None) -> Mapping[str, Any] | None:
    """The order's address, with the street that was wished for instead: a destination has no recipient of its own."""
    if wish is None or address is None:
        return address
    asked = wish.destination
    street = {"line1": asked.line1, "city": asked.city, "postalCode": asked.postcode, "countryCode": asked.country}
    if all(address.get(name) == value for name, value in street.items()):
        return address
    kept = {"recipientName": address["recipientName"]} if address.get("recipientName") else {}
    return {**kept, **street}


def _insert(rows: Sequence[tuple[object, ...]]) -> None:
    made = insert_rows(TABLE, COLUMNS, rows, tail="ON CONFLICT DO NOTHING RETURNING id")
    if made:
        run(ADD_PARCELS, [[row[0] for row in made]])
