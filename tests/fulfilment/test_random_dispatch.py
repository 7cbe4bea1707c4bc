"""Pickers, operators, carrier, webhooks and the calendar do whatever they like: units and parcels are conserved."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from uuid_utils.compat import uuid7

from config.sandbox.client import SandboxControl
from fulfilment.inventory.models import StockItem, StockMovement
from fulfilment.shipping.models import CarrierWebhook, Shipment
from fulfilment.warehouse.models import PickingJob, PickingLine
from shop.contracts import fulfilment as f
from shop.contracts.ordering import OrderForFulfilment
from shop.messaging.errors import Refused
from shop.messaging.models import Message
from tests.fulfilment.builders import stocked
from tests.fulfilment.house import House, cancelled, moved, post, started

ORDERS, STEPS = 8, 30  # orders, and deeds per order
FAULTS = (
    {"effect": "execute_then_timeout", "seconds": 0}, {"effect": "drop"}, {"effect": "status", "status": 503, "stored": False},
    {"effect": "status", "status": 422, "code": "TOO_HEAVY"}, {"effect": "status", "status": 429},
)  # fmt: skip


class Chaos:
    """One world, and everything that can happen in it."""

    def __init__(self, house: House, seed: int) -> None:
        self.house, self.random = house, Random(seed)
        self.products = [stocked(60) for _ in range(3)]
        self.orders: list[OrderForFulfilment] = []
        self.heard: list[tuple[bytes, str]] = []
        self.revision: Counter[UUID] = Counter()

    def begin(self) -> None:
        for _ in range(ORDERS):
            lines = [(product, self.random.randint(1, 3)) for product in self.random.sample(self.products, 2)]
            collected = {"delivery_method": "CLICK_AND_COLLECT", "delivery_address": None} if self.random.random() < 0.2 else {}
            order = self.house.order(*lines, **collected)
            self.orders.append(order)
            self.house.say(*[started(order, uuid7()) for _ in range(self.random.randint(1, 2))])
        self.house.work()

    def step(self) -> None:
        """One thing happens; what is refused changes nothing."""
        deeds: list[Callable[[], Any]] = [
            self.start, self.start, self.pick, self.pick_all, self.pack, self.pack, self.short, self.carrier, self.carrier,
            self.decide, self.decide, self.webhooks_again, self.address, self.cancel, self.fault, self.time,
        ]  # fmt: skip
        with suppress(Refused):
            self.random.choice(deeds)()

    def job(self, **which: Any) -> UUID:
        """A job of this kind, or any if there is none: what is refused is refused."""
        every = PickingJob.objects.order_by("pk").values_list("pk", flat=True)
        return self.random.choice(list(every.filter(**which)) or list(every))

    def start(self) -> None:
        self.house.do(f.StartPicking(picking_job_id=self.job(status="CREATED")))

    def pick(self) -> None:
        line = self.random.choice(list(PickingLine.objects.filter(job_id=self.job(status="PICKING")).order_by("pk")))
        missing = self.random.choice([0, 1, line.quantity])
        picked = line.quantity - missing - line.left_out
        self.house.do(f.PickLine(picking_job_id=line.job_id, position=line.position, picked=max(0, picked), missing=missing))

    def pick_all(self) -> None:
        self.house.do(f.PickAllLines(picking_job_id=self.job(status="PICKING")))

    def pack(self) -> None:
        job = self.job(status="PICKING", short_since__isnull=True)
        self.house.do(f.PickAllLines(picking_job_id=job))
        self.house.do(f.PackOrder(picking_job_id=job, parcel_count=self.random.randint(1, 2)))
        self.house.work()

    def short(self) -> None:
        job = self.job(short_since__isnull=False)
        decision = self.random.choice(["found", "without", "without", "give up"])
        if decision == "found":
            self.house.do(f.FindMissing(picking_job_id=job))
        elif decision == "without":
            self.house.do(f.AcceptShortPick(picking_job_id=job, reason="gone"))
        else:
            self.house.do(f.GiveUpPicking(picking_job_id=job, reason="gone"))
            self.over(PickingJob.objects.get(pk=job).order_id)

    def carrier(self) -> None:
        moving = [one for one in self.house.bookings() if one["status"] in {"created", "in_transit"}]
        if not moving:
            return
        status = self.random.choice(["in_transit", "delivered", "delivered", "failed"])
        reason = self.random.choice(["FAILED_DELIVERY", "LOST", "DAMAGED", "RETURNED_TO_SENDER"])
        chosen = self.random.choice(moving)
        parcel = self.random.choice([None, *chosen["trackingNumbers"]])
        control: SandboxControl = self.house.sandbox
        with self.house.webhooks() as arriving:
            with suppress(httpx.HTTPStatusError):  # a parcel that has ended does not move
                control.advance_shipment(chosen["shipmentId"], status, reason=reason, parcel=parcel)
            control.settle()
            self.heard += arriving
            arriving.clear()

    def webhooks_again(self) -> None:
        for body, signature in self.random.sample(self.heard, min(3, len(self.heard))):
            assert post(body, signature).status_code == 200
        self.house.work()

    def decide(self) -> None:
        undecided = Shipment.objects.filter(resolution="").exclude(status="DELIVERED").order_by("pk").values_list("pk", flat=True)
        failed = undecided.filter(status="FAILED")
        shipments = list(failed) or list(undecided)
        if not shipments:
            return
        key = self.random.choice(shipments)
        commands = [
            f.RedeliverShipment(shipment_id=key), f.ReplaceShipment(shipment_id=key), f.MarkShipmentLost(shipment_id=key),
            f.HandOverOrder(shipment_id=key, collected_by="Jo"), f.RetryBooking(shipment_id=key),
            f.GiveUpShipment(shipment_id=key, reason="enough"),
        ]  # fmt: skip
        command = self.random.choice(commands)
        self.house.do(command)
        if isinstance(command, f.GiveUpShipment):
            self.over(Shipment.objects.get(pk=key).order_id)
        self.house.work()

    def over(self, order_id: UUID) -> None:
        order = next(one for one in self.orders if one.order_id == order_id)
        self.house.change(order, lifecycle_status="CANCELLED")
        self.house.work()

    def address(self) -> None:
        order = self.random.choice(self.orders)
        self.revision[order.order_id] += 1
        revision = 1 + self.revision[order.order_id]
        self.house.tell(moved(order.order_id, revision, line1=f"{revision} New St"), moved(order.order_id, max(2, revision - 1)))

    def cancel(self) -> None:
        if self.random.random() < 0.2:
            waiting = PickingJob.objects.filter(status="CREATED", replaces__isnull=True).first()
            if waiting is not None:
                self.over(waiting.order_id)
                self.house.tell(cancelled(waiting.order_id), cancelled(waiting.order_id))

    def fault(self) -> None:
        self.house.sandbox.add_fault(service="carrier", operation="ship", times=1, **self.random.choice(FAULTS))

    def time(self) -> None:
        self.house.work_to_the_end()

    def end(self) -> None:
        """Everything that was ever said arrives, and the carrier answers again."""
        self.house.sandbox.clear_faults()
        for body, _ in self.random.sample(self.heard, len(self.heard)):
            post(body)
        self.house.work_to_the_end()


@pytest.mark.parametrize("seed", [3, 4])
def test_units_and_parcels_are_conserved(house: House, seed: int) -> None:
    chaos = Chaos(house, seed)
    chaos.begin()
    for _ in range(ORDERS * STEPS):
        chaos.step()
    chaos.end()
    house.assert_sound()
    for product in chaos.products:
        item = StockItem.objects.get(pk=product)
        moves = StockMovement.objects.filter(product_id=product)
        left = -sum(move.delta_on_hand for move in moves if move.kind in {"CONSUMED", "ADJUSTED"})
        assert item.on_hand + left == 60
    for order in chaos.orders:
        said = house.facts(order.order_id)
        assert said.get("ShipmentDelivered", 0) + said.get("OrderUndeliverable", 0) <= 1, said
        assert said.get("OrderPacked", 0) == PickingJob.objects.filter(order_id=order.order_id, status="PACKED").count()
        booked = Shipment.objects.filter(order_id=order.order_id, carrier_shipment_id__isnull=False).count()
        assert said.get("ShipmentCreated", 0) == booked
    assert len(house.bookings()) == Shipment.objects.filter(carrier_shipment_id__isnull=False).count()
    assert not CarrierWebhook.objects.filter(status__in=["RECEIVED", "PARKED"]).exists()
    assert Message.objects.filter(name="ShortPickAccepted").count() <= PickingLine.objects.filter(left_out__gt=0).count()
