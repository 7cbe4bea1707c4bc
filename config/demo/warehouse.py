"""Hands in the warehouse: what operators do in the back office, through the same commands."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final
from uuid import UUID

from config.demo.shopping import Unexpected
from config.demo.stage import Stage
from fulfilment.shipping.models import Shipment
from fulfilment.warehouse.models import PickingJob
from shop.contracts.fulfilment import GiveUpShipment, PackOrder, PickAllLines, StartPicking
from shop.contracts.ordering import ReleaseOrder
from shop.messaging.bus import execute
from shop.messaging.context import acting
from shop.messaging.errors import Refused

PICKER: Final = "staff:demo"
PATIENCE: Final = 20.0


def send(stage: Stage, order_id: UUID, *, parcels: int) -> Shipment:
    """Release an order, pick and pack it, and wait until the carrier has it. Raises ``Unexpected`` when that takes too long."""
    stage.tell("the order is released to the warehouse")
    _wait(stage, lambda: _released(order_id), "released")
    _wait(stage, lambda: PickingJob.objects.filter(order_id=order_id).exists(), "a picking job")
    job = PickingJob.objects.get(order_id=order_id)
    stage.tell("it is picked and packed")
    with acting(PICKER):
        execute(StartPicking(picking_job_id=job.pk))
        execute(PickAllLines(picking_job_id=job.pk))
        execute(PackOrder(picking_job_id=job.pk, parcel_count=parcels))
    shipped = Shipment.objects.filter(order_id=order_id, status="CREATED")
    _wait(stage, shipped.exists, "at the carrier")
    return shipped.get()


def give_up(shipment_id: UUID) -> None:
    """Nobody tries again: the money goes back."""
    with acting(PICKER):
        execute(GiveUpShipment(shipment_id=shipment_id, reason="The carrier has lost it"))


def _released(order_id: UUID) -> bool:
    with suppress(Refused), acting(PICKER):
        execute(ReleaseOrder(order_id=order_id, reason="for the demo"))
        return True
    return False


def _wait(stage: Stage, there: Callable[[], bool], what: str) -> None:
    if not stage.until(there, PATIENCE):
        raise Unexpected(f"The order was not {what} within {PATIENCE:.0f} s.")
