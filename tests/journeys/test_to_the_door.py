"""From a paid order to the doorstep, and every way back, through the whole shop: told on one screen."""

from typing import Any

import pytest

from config.sandbox import SandboxControl
from fulfilment.inventory.models import StockItem
from fulfilment.shipping.gateways.reading import told_of
from fulfilment.shipping.invariants import compare_with_carrier
from fulfilment.shipping.models import Shipment
from fulfilment.warehouse.models import PickingJob
from ordering.orders.models import Order
from payments.models import Payment
from shop.contracts.base import Command
from shop.contracts.fulfilment import (
    AcceptShortPick,
    FollowShipments,
    GiveUpShipment,
    PackOrder,
    PickAllLines,
    PickLine,
    RedeliverShipment,
    ReplaceShipment,
    StartPicking,
)
from shop.contracts.ordering import ChangeDeliveryAddress, NewDeliveryAddress, ReleaseOrder
from shop.messaging.bus import execute
from shop.messaging.context import acting
from shop.messaging.errors import Refused
from shop.messaging.invariants import run_all
from shop.messaging.models import Delivery, Message
from shop.messaging.routing import switchboard
from tests.journeys.shop import checked_out, deliver

pytestmark = pytest.mark.django_db(transaction=True)

HAMBURG = NewDeliveryAddress(recipient_name="Ada", line1="Kai 2", city="Hamburg", postal_code="20095", country_code="DE")


class Way:
    """One order of two lamps, and what people and the carrier do about it."""

    def __init__(self, provider: SandboxControl) -> None:
        self.provider = provider
        checked_out()
        deliver()
        self.do(ReleaseOrder(order_id=self.order.pk))

    def do(self, *commands: Command) -> None:
        """An operator does these one after another, and all mail is delivered."""
        with acting("staff:mira"):
            for command in commands:
                execute(command)
        deliver()

    @property
    def order(self) -> Order:
        return Order.objects.get()

    @property
    def job(self) -> PickingJob:
        return PickingJob.objects.latest("created_at")

    @property
    def shipment(self) -> Shipment:
        return Shipment.objects.latest("id")

    def pack(self) -> None:
        job = self.job.pk
        self.do(PickAllLines(picking_job_id=job), PackOrder(picking_job_id=job, parcel_count=1))

    def carrier(self, status: str, **more: Any) -> None:
        """The carrier moves it, its webhook is lost, and the shop asks."""
        self.provider.advance_shipment(str(self.shipment.carrier_shipment_id), status, **more)
        Shipment.objects.filter(pk=self.shipment.pk).update(ask_again_at="2020-01-01T00:00Z")
        self.do(FollowShipments())

    def ends(self, status: str, *, refunded: int) -> None:
        """How the order ends, how much of its EUR 20.00 went back, and that nothing is wrong anywhere."""
        payment = Payment.objects.get()
        assert (self.order.lifecycle_status, payment.captured_amount, payment.refunded_amount) == (status, 2_000, refunded)
        assert run_all(switchboard().all_invariants()) == []
        bookings = self.provider.ledger("carrier")["shipments"]
        assert list(compare_with_carrier(map(told_of, bookings))) == []
        assert not Delivery.objects.filter(status="dead").exists()
        sequence = Message.objects.filter(name="OrderStatusChanged").order_by("id").values_list("payload", flat=True)
        assert [change["sequence"] for change in sequence] == list(range(1, len(sequence) + 1))


@pytest.fixture
def way(provider: SandboxControl) -> Way:
    return Way(provider)


def test_delivered(way: Way) -> None:
    way.do(StartPicking(picking_job_id=way.job.pk))
    way.pack()
    assert (way.order.lifecycle_status, way.shipment.status) == ("FULFILLING", "CREATED")
    way.carrier("delivered", signed_by="J. Doe")
    assert Message.objects.filter(name="OrderCompleted").count() == 1
    assert StockItem.objects.get().on_hand == 3
    way.ends("COMPLETED", refunded=0)


def test_one_of_two_is_missing(way: Way) -> None:
    job = way.job.pk
    way.do(StartPicking(picking_job_id=job), PickLine(picking_job_id=job, position=1, picked=1, missing=1))
    way.do(AcceptShortPick(picking_job_id=job, reason="the shelf is empty"))
    way.pack()
    way.carrier("delivered")
    assert StockItem.objects.get().on_hand == 3
    way.ends("COMPLETED", refunded=1_000)


def test_lost_and_given_up(way: Way) -> None:
    way.do(StartPicking(picking_job_id=way.job.pk))
    way.pack()
    way.carrier("failed", reason="LOST")
    assert way.order.lifecycle_status == "FULFILLING"
    way.do(GiveUpShipment(shipment_id=way.shipment.pk, reason="three weeks"))
    way.ends("CANCELLED", refunded=2_000)


def test_sent_again_to_the_right_address(way: Way) -> None:
    way.do(StartPicking(picking_job_id=way.job.pk))
    way.pack()
    with pytest.raises(Refused, match="carrier has it"):
        way.do(ChangeDeliveryAddress(order_id=way.order.pk, delivery_address=HAMBURG))
    way.carrier("failed", reason="FAILED_DELIVERY")
    way.do(ChangeDeliveryAddress(order_id=way.order.pk, delivery_address=HAMBURG))
    way.do(RedeliverShipment(shipment_id=way.shipment.pk))
    assert way.shipment.place["city"] == "Hamburg"
    way.carrier("delivered")
    way.ends("COMPLETED", refunded=0)


def test_damaged_and_replaced(way: Way) -> None:
    way.do(StartPicking(picking_job_id=way.job.pk))
    way.pack()
    way.carrier("failed", reason="DAMAGED")
    way.do(ReplaceShipment(shipment_id=way.shipment.pk))
    way.do(StartPicking(picking_job_id=way.job.pk))
    way.pack()
    way.carrier("delivered")
    assert StockItem.objects.get().on_hand == 1
    way.ends("COMPLETED", refunded=0)
