"""Packing: the moment the goods leave the stock."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fulfilment.inventory import consuming
from fulfilment.inventory.holds import database_now
from fulfilment.warehouse import facts, jobs
from fulfilment.warehouse.models import PickingJob, PickingLine
from fulfilment.warehouse.picking import follow_order, require
from fulfilment.warehouse.states import PickingStatus
from shop.contracts.fulfilment import PickingJobView
from shop.messaging.bus import publish
from shop.messaging.errors import Refused


def pack(job_id: UUID, parcels: int) -> PickingJobView:
    """Pack a picked job in one transaction with its stock. Publishes ``OrderPacked`` and, unless the customer comes for it,
    ``OrderReadyForShipping``.

    Raises ``Missing``, or ``Refused`` while a line is neither picked nor decided about, or there is no address to send it to.
    """
    job = jobs.locked(job_id)
    lines = jobs.lines_of(job)
    if job.status == PickingStatus.PACKED and job.parcel_count == parcels:
        return jobs.view(job, lines)
    require(job, PickingStatus.PICKING, "packed")
    _require_picked(lines)
    follow_order(job)
    _require_address(job)
    now = database_now()
    consuming.book_out(job.reservation_id, job.order_id, jobs.picked(lines))
    job.pack(parcels=parcels, at=now)
    jobs.save(job)
    publish(facts.packed(job, now))
    if not job.is_collected:
        publish(facts.ready_for_shipping(job, now))
    return jobs.view(job, lines)


def _require_picked(lines: Sequence[PickingLine]) -> None:
    if any(line.missing for line in lines):
        raise Refused("short_pick_undecided", "Something is missing: decide first whether the order goes out without it.")
    left = sum(line.to_pick for line in lines)
    if left:
        raise Refused("not_all_picked", f"{left} pieces are not picked yet.")


def _require_address(job: PickingJob) -> None:
    if job.address is None and not job.is_collected:
        raise Refused("no_delivery_address", "The order has no delivery address: give it one first.")
