"""Picking a job: taken, picked line by line, and what a person decides about what could not be found.

Every function locks the job first and its stock after that.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from uuid_utils.compat import uuid7

from fulfilment.inventory import consuming
from fulfilment.inventory.holds import database_now
from fulfilment.inventory.states import ReservationStatus
from fulfilment.warehouse import facts, jobs
from fulfilment.warehouse.models import PickingJob, PickingLine
from fulfilment.warehouse.states import UNDER_WAY, PickingStatus
from shop.contracts.fulfilment import PickingJobView, ReleaseInventory
from shop.contracts.ordering import OrderCancelled
from shop.messaging.bus import publish, send
from shop.messaging.context import current_actor
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Missing, Refused, Unprocessable
from shop.messaging.sets import write_fields

BEING_FULFILLED = "FULFILLING"


def start(job_id: UUID) -> PickingJobView:
    """Take a job that is to be picked. Its order is looked at once more, and its stock is reserved if it is not."""
    job = jobs.locked(job_id)
    lines, me = jobs.lines_of(job), current_actor()
    if job.status == PickingStatus.PICKING and job.picker == me:
        return jobs.view(job, lines)
    if job.status == PickingStatus.PICKING:
        raise Refused("picking_already_started", f"{job.picker} is picking it.")
    require(job, PickingStatus.CREATED, "started")
    follow_order(job)
    _secure(job, lines)
    job.start(picker=me, at=database_now())
    jobs.save(job)
    return jobs.view(job, lines)


def pick(job_id: UUID, position: int, picked: int, missing: int) -> PickingJobView:
    """Set how much of one line is picked and how much of it could not be found."""
    job, lines = being_picked(job_id)
    line = next((line for line in lines if line.position == position), None)
    if line is None:
        raise Missing("line_not_found", f"The job has no line {position}.")
    if picked + missing + line.left_out > line.quantity:
        raise Unprocessable("more_than_wanted", f"Only {line.quantity - line.left_out} of line {position} are wanted.")
    line.picked, line.missing = picked, missing
    return _save(job, lines)


def pick_all(job_id: UUID) -> PickingJobView:
    """Everything is picked but for what is missing."""
    job, lines = being_picked(job_id)
    for line in lines:
        line.picked += line.to_pick
    return _save(job, lines)


def find_missing(job_id: UUID) -> PickingJobView:
    """What was missing is there after all."""
    job, lines = being_picked(job_id)
    _require_missing(lines)
    for line in lines:
        line.missing = 0
    return _save(job, lines)


def accept_short(job_id: UUID) -> PickingJobView:
    """The order goes out without what is missing. Publishes ``ShortPickAccepted``; the stock is written off."""
    job, lines = being_picked(job_id)
    missing = _require_missing(lines)
    if not any(line.quantity - line.left_out - line.missing for line in lines):
        raise Refused("nothing_left_to_send", "Nothing would be left to send: give the job up instead.")
    for line in lines:
        line.left_out, line.missing = line.left_out + line.missing, 0
    consuming.write_off(job.reservation_id, missing, f"for {job.confirmation_number}")
    publish(facts.short_pick_accepted(job, missing, database_now()))
    return _save(job, lines)


def give_up(job_id: UUID, reason: str) -> PickingJobView:
    """Nothing of the job is sent. Publishes ``OrderUndeliverable``; what is there of its stock is free again."""
    job = jobs.locked(job_id)
    lines = jobs.lines_of(job)
    if job.status not in UNDER_WAY:
        raise Refused("picking_over", f"The job is {job.get_status_display().lower()}.")
    now = database_now()
    if missing := jobs.missing(lines):
        consuming.write_off(job.reservation_id, missing, f"for {job.confirmation_number}")
    _let_go(job)
    job.cancel(because=reason, at=now)
    jobs.save(job)
    publish(facts.nothing_to_pick(job, now))
    return jobs.view(job, lines)


def stop(batch: Sequence[Envelope[OrderCancelled]]) -> None:
    """End the jobs of cancelled orders; what is packed already stays packed."""
    causes = {envelope.message.order_id: envelope for envelope in batch}
    found = PickingJob.objects.filter(order_id__in=list(causes), status__in=UNDER_WAY).order_by("id").select_for_update()
    now, stopped = database_now(), list(found)
    for job in stopped:
        job.cancel(because="the order was cancelled", at=now)
        job.version += 1
        _let_go(job, causes[job.order_id])
    write_fields(stopped, ["status", "cancelled_because", "closed_at", "short_since", "version"])


def being_picked(job_id: UUID) -> tuple[PickingJob, list[PickingLine]]:
    """The locked job and its lines. Raises ``Missing``, or ``Refused`` if nobody is picking it."""
    job = jobs.locked(job_id)
    require(job, PickingStatus.PICKING, "picked")
    return job, jobs.lines_of(job)


def require(job: PickingJob, status: PickingStatus, verb: str) -> None:
    """Raise ``Refused`` unless the job is in this state."""
    if job.status != status:
        raise Refused("wrong_picking_state", f"The job is “{job.get_status_display()}”, so it cannot be {verb}.")


def follow_order(job: PickingJob) -> None:
    """Take over the order's newest address. Raises ``Refused`` unless the order is being fulfilled."""
    order = jobs.orders_of([job.order_id]).get(job.order_id)
    if order is None or order.lifecycle_status != BEING_FULFILLED:
        state = order.lifecycle_status.lower().replace("_", " ") if order else "missing"
        raise Refused("order_not_being_fulfilled", f"The order is {state}: nothing of it may leave the house.")
    if order.address_revision > job.address_revision or job.address is None:
        job.address, job.address_revision = jobs.address_of(order), order.address_revision


def _secure(job: PickingJob, lines: Sequence[PickingLine]) -> None:
    status = consuming.status_of(job.reservation_id)
    if status == ReservationStatus.HELD:
        return
    if status == ReservationStatus.CONSUMED:
        raise Refused("reservation_consumed", "The stock of this order has left the house already.")
    job.reservation_id = uuid7()
    consuming.secure(job.reservation_id, job.order_id, job.customer_id, jobs.wanted(lines))


def _let_go(job: PickingJob, cause: Envelope[OrderCancelled] | None = None) -> None:
    if job.reservation_id is not None:
        send(ReleaseInventory(reservation_id=job.reservation_id, reason="ORDER_CANCELLED"), cause=cause)


def _require_missing(lines: Sequence[PickingLine]) -> dict[UUID, int]:
    missing = jobs.missing(lines)
    if not missing:
        raise Refused("nothing_missing", "Nothing is missing.")
    return missing


def _save(job: PickingJob, lines: Sequence[PickingLine]) -> PickingJobView:
    write_fields(lines, ["picked", "missing", "left_out"])
    is_short = any(line.missing for line in lines)
    job.short_since = (job.short_since or database_now()) if is_short else None
    jobs.save(job)
    return jobs.view(job, lines)
