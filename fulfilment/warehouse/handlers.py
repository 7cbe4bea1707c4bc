"""One function per command and subscription of the warehouse. Decisions live in the modules named after them."""

from __future__ import annotations

from collections.abc import Sequence

from fulfilment.warehouse import jobs, packing, picking
from shop.contracts.fulfilment import (
    AcceptShortPick,
    FindMissing,
    GiveUpPicking,
    PackOrder,
    PickAllLines,
    PickingJobView,
    PickLine,
    StartPicking,
)
from shop.contracts.ordering import OrderCancelled, OrderFulfilmentStarted
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import in_batches


@in_batches(50)
def create_picking_job_when_fulfilment_started(batch: Sequence[Envelope[OrderFulfilmentStarted]]) -> None:
    """The order may be picked: it gets its job, once."""
    jobs.create(batch)


@in_batches(50)
def stop_picking_when_order_cancelled(batch: Sequence[Envelope[OrderCancelled]]) -> None:
    """The order will not be sent: nobody goes on picking it."""
    picking.stop(batch)


def start_picking(command: StartPicking) -> PickingJobView:
    """Take a job. Raises ``Missing``, or ``Refused``: not in this state of the job, its order, or the stock."""
    return picking.start(command.picking_job_id)


def pick_line(command: PickLine) -> PickingJobView:
    """Say how much of a line is picked and missing. Raises ``Missing``, ``Refused`` or ``Unprocessable``."""
    return picking.pick(command.picking_job_id, command.position, command.picked, command.missing)


def pick_all_lines(command: PickAllLines) -> PickingJobView:
    """Everything is picked but what is missing. Raises ``Missing`` or ``Refused``."""
    return picking.pick_all(command.picking_job_id)


def find_missing(command: FindMissing) -> PickingJobView:
    """What was missing is there after all. Raises ``Missing`` or ``Refused``."""
    return picking.find_missing(command.picking_job_id)


def accept_short_pick(command: AcceptShortPick) -> PickingJobView:
    """Send it without what is missing. Publishes ``ShortPickAccepted``; raises ``Missing`` or ``Refused``."""
    return picking.accept_short(command.picking_job_id)


def give_up_picking(command: GiveUpPicking) -> PickingJobView:
    """Send nothing of it. Publishes ``OrderUndeliverable``; raises ``Missing`` or ``Refused``."""
    return picking.give_up(command.picking_job_id, command.reason)


def pack_order(command: PackOrder) -> PickingJobView:
    """Pack it. Publishes ``OrderPacked`` and ``OrderReadyForShipping``; raises ``Missing`` or ``Refused``."""
    return packing.pack(command.picking_job_id, command.parcel_count)
