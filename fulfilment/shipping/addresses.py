"""An order goes somewhere else: whatever of it has not been handed to a carrier goes there too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fulfilment.shipping.carriers import choose
from fulfilment.shipping.deciding import try_again
from fulfilment.shipping.models import Shipment
from fulfilment.shipping.states import UNDER_WAY, ShipmentStatus
from fulfilment.warehouse.models import PickingJob
from shop.contracts.ordering import OrderDeliveryAddressChanged
from shop.messaging.envelope import Envelope
from shop.messaging.sets import write_fields

Newest = dict[UUID, Envelope[OrderDeliveryAddressChanged]]


def replace(batch: Sequence[Envelope[OrderDeliveryAddressChanged]]) -> None:
    """Replace the address of jobs, and of shipments that certainly are not booked; one that may be is marked instead.

    An older revision than the one that is there changes nothing, so these may come in any order.
    """
    newest: Newest = {}
    for envelope in batch:
        order_id = envelope.message.order_id
        known = newest.get(order_id)
        if known is None or envelope.message.address_revision > known.message.address_revision:
            newest[order_id] = envelope
    priorities = _replace_of_jobs(newest)
    _replace_of_shipments(newest, priorities)


def _replace_of_jobs(newest: Newest) -> dict[UUID, str]:
    jobs = list(PickingJob.objects.filter(order_id__in=list(newest)).order_by("pk").select_for_update())
    older = [job for job in jobs if job.address_revision < newest[job.order_id].message.address_revision]
    for job in older:
        job.address = _kept(newest[job.order_id])
        job.address_revision = newest[job.order_id].message.address_revision
        job.version += 1
    write_fields(older, ["address", "address_revision", "version"])
    return {job.pk: job.priority for job in jobs}


def _replace_of_shipments(newest: Newest, priorities: dict[UUID, str]) -> None:
    rows = Shipment.objects.filter(order_id__in=list(newest), status__in=UNDER_WAY).order_by("pk").select_for_update()
    for shipment in rows:
        envelope = newest[shipment.order_id]
        if shipment.is_collected or shipment.address_revision >= envelope.message.address_revision:
            continue
        shipment.address_revision = envelope.message.address_revision
        if shipment.status == ShipmentStatus.REQUESTED and not shipment.may_be_booked:
            shipment.destination = _kept(envelope)
            chosen = choose(shipment.destination["countryCode"], priorities[shipment.picking_job_id])
            shipment.carrier, shipment.service = chosen.carrier, chosen.service
            try_again(shipment, cause=envelope)
        else:
            shipment.address_came_late = True
        shipment.version += 1
        shipment.save()


def _kept(envelope: Envelope[OrderDeliveryAddressChanged]) -> Any:
    return envelope.message.delivery_address.data()
