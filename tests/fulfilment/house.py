"""The fulfilment department alone: orders are a book of the test's own, the carrier is the sandbox, everything else is real."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client
from uuid_utils.compat import uuid7

from config.sandbox import SandboxControl
from config.sandbox.wire import Request, Response, WireServer
from fulfilment.inventory import handlers as inventory
from fulfilment.inventory.invariants import check as stock_violations
from fulfilment.inventory.models import Reservation
from fulfilment.shipping import handlers as shipping
from fulfilment.shipping import queries as shipping_queries
from fulfilment.shipping.gateways.reading import told_of
from fulfilment.shipping.invariants import check as shipping_violations
from fulfilment.shipping.invariants import compare_with_carrier
from fulfilment.shipping.models import Shipment
from fulfilment.warehouse import handlers as warehouse
from fulfilment.warehouse.invariants import check as picking_violations
from fulfilment.warehouse.models import PickingJob
from shop.contracts import fulfilment as f
from shop.contracts import ordering as o
from shop.contracts.addresses import Address
from shop.contracts.base import Command, Event
from shop.messaging.bus import execute, publish, send, unit_of_work
from shop.messaging.context import acting
from shop.messaging.doorbell import listening
from shop.messaging.models import Delivery, Message
from shop.messaging.sets import run
from shop.messaging.switchboard import Switchboard
from tests.fulfilment.builders import database_now, request, stocked
from tests.mail import deliver_all

QUEUES = ("fulfilment", "gateways")
PICKER = "staff:mira"
HOME = {"recipientName": "Jo Doe", "line1": "1 High St", "city": "Leeds", "postalCode": "LS1 1AA", "countryCode": "GB"}

ORDERS: dict[UUID, o.OrderForFulfilment] = {}


def orders_for_fulfilment(query: o.GetOrdersForFulfilment) -> o.OrdersForFulfilment:
    """What orders would answer."""
    return o.OrdersForFulfilment(orders=[ORDERS[key] for key in query.order_ids if key in ORDERS])


BOARD = Switchboard(
    commands={
        o.ReserveInventory: inventory.reserve_inventory,
        f.ReleaseInventory: inventory.release_inventory,
        f.ReceiveStock: inventory.receive_stock,
        f.RecountStock: inventory.recount_stock,
        f.StartPicking: warehouse.start_picking,
        f.PickLine: warehouse.pick_line,
        f.PickAllLines: warehouse.pick_all_lines,
        f.FindMissing: warehouse.find_missing,
        f.AcceptShortPick: warehouse.accept_short_pick,
        f.GiveUpPicking: warehouse.give_up_picking,
        f.PackOrder: warehouse.pack_order,
        f.CreateShipment: shipping.create_shipment,
        f.RetryBooking: shipping.retry_booking,
        f.RedeliverShipment: shipping.redeliver_shipment,
        f.ReplaceShipment: shipping.replace_shipment,
        f.MarkShipmentLost: shipping.mark_shipment_lost,
        f.GiveUpShipment: shipping.give_up_shipment,
        f.HandOverOrder: shipping.hand_over_order,
        f.TrackShipment: shipping.track_shipment,
        f.FollowShipments: shipping.follow_shipments,
        f.ReceiveCarrierWebhook: shipping.receive_carrier_webhook,
    },
    events={
        o.OrderFulfilmentStarted: [warehouse.create_picking_job_when_fulfilment_started],
        o.OrderCancelled: [warehouse.stop_picking_when_order_cancelled],
        o.OrderDeliveryAddressChanged: [shipping.replace_address_when_delivery_address_changed],
        f.OrderPacked: [shipping.wait_for_customer_when_order_packed],
        f.OrderReadyForShipping: [shipping.book_shipment_when_order_ready],
        f.ShortPickAccepted: [],
        f.OrderUndeliverable: [],
        f.ShipmentCreated: [],
        f.ShipmentDelivered: [],
        f.ShipmentFailed: [],
        f.InventoryReserved: [],
        f.InventoryUnavailable: [],
        f.InventoryReleased: [],
        f.InventoryConsumed: [],
        f.StockLow: [],
    },
    queries={
        o.GetOrdersForFulfilment: orders_for_fulfilment,
        f.GetShipment: shipping_queries.get_shipment,
        f.GetOrderShipment: shipping_queries.get_order_shipment,
    },
)


class House:
    """Orders come in on one side; on the other the carrier drives away."""

    def __init__(self, sandbox: SandboxControl) -> None:
        self.sandbox = sandbox
        ORDERS.clear()

    # Orders

    def order(self, *lines: tuple[UUID, int], reserved: bool = True, **changes: Any) -> o.OrderForFulfilment:
        """An order that is being fulfilled, with its stock reserved; nobody has been told."""
        command = request(*lines)
        if reserved and lines:
            execute(command)
            Reservation.objects.filter(pk=command.reservation_id).update(order_bound=True)
        fields: dict[str, Any] = {
            "order_id": command.order_id,
            "customer_id": command.customer_id,
            "confirmation_number": f"ORD-{len(ORDERS):08d}",
            "lifecycle_status": "FULFILLING",
            "reservation_id": command.reservation_id if reserved else None,
            "lines": [
                o.FulfilmentLine(position=place, product_id=product, sku=f"SKU-{place}", name=f"Thing {place}", quantity=quantity)
                for place, (product, quantity) in enumerate(lines, start=1)
            ],
            "delivery_address": Address.read_data(HOME),
            "delivery_method": "HOME_DELIVERY",
            "priority": "STANDARD",
            "revision": 1,
            "address_revision": 1,
            "currency": "GBP",
        }
        order = o.OrderForFulfilment(**(fields | changes))
        ORDERS[order.order_id] = order
        return order

    def change(self, order: o.OrderForFulfilment, **changes: Any) -> None:
        """What orders would say of it from now on."""
        ORDERS[order.order_id] = order.model_copy(update=changes)

    def job(self, *lines: tuple[UUID, int], **changes: Any) -> PickingJob:
        """The job of an order whose fulfilment has started."""
        order = self.order(*(lines or ((stocked(10), 2),)), **changes)
        self.tell(started(order))
        return PickingJob.objects.get(order_id=order.order_id)

    def picked(self, *lines: tuple[UUID, int], **changes: Any) -> PickingJob:
        """A job with everything picked."""
        job = self.job(*lines, **changes)
        self.do(f.StartPicking(picking_job_id=job.pk))
        self.do(f.PickAllLines(picking_job_id=job.pk))
        return self.fresh(job)

    def packed(self, *lines: tuple[UUID, int], parcels: int = 1, **changes: Any) -> PickingJob:
        """A packed job; nobody has told the carrier."""
        job = self.picked(*lines, **changes)
        self.do(f.PackOrder(picking_job_id=job.pk, parcel_count=parcels))
        return self.fresh(job)

    def shipped(self, *lines: tuple[UUID, int], parcels: int = 1, **changes: Any) -> Shipment:
        """The shipment of a packed job, as the carrier's answer left it."""
        job = self.packed(*lines, parcels=parcels, **changes)
        self.work()
        return self.shipment(job)

    def failed(self, reason: str = "LOST", **changes: Any) -> Shipment:
        """A shipment that the carrier says has failed."""
        shipment = self.shipped(**changes)
        self.carrier_says(shipment, "failed", reason=reason)
        return self.fresh(shipment)

    # Doing

    def do(self, command: Command) -> Any:
        """Execute as a picker does."""
        with listening(), acting(PICKER):
            return execute(command)

    def tell(self, *messages: Command | Event) -> None:
        """Say these in one unit of work and deliver what is due."""
        self.say(*messages)
        self.work()

    def say(self, *messages: Command | Event) -> None:
        """Say these; nobody delivers yet."""
        with listening(), unit_of_work():
            for message in messages:
                send(message) if isinstance(message, Command) else publish(message)

    def work(self, only: str = "") -> None:
        """Deliver all that is due now, or what is due for this one subscriber."""
        with listening():
            deliver_all(queues=QUEUES, only={only} - {""})

    def work_to_the_end(self, rounds: int = 30) -> None:
        """Deliver everything, also what is due later, as if time passed."""
        for _ in range(rounds):
            self.work()
            if not run("UPDATE messaging_delivery SET due_at = now() WHERE status = 'open'"):
                return
            time.sleep(0.05)  # what the carrier is still busy with ends in its own time
        raise AssertionError(f"still mail after {rounds} rounds")

    # The carrier

    def carrier_says(self, shipment: Shipment, status: str, **more: Any) -> None:
        """The carrier moves it and its webhooks arrive and are worked on."""
        with self.webhooks():
            self.sandbox.advance_shipment(str(shipment.carrier_shipment_id), status, **more)
        self.work()

    @contextmanager
    def webhooks(self) -> Iterator[list[tuple[bytes, str]]]:
        """The sandbox's webhooks as they come, with its signatures; at the end all of them are posted to this shop."""
        caught: list[tuple[bytes, str]] = []

        def take(request: Request) -> Response:
            caught.append((request.body, request.headers["carrier-signature"]))
            return Response(200, {})

        server = WireServer("127.0.0.1", 0, take)
        server.start()
        self.sandbox.aim_webhooks(server.url)
        try:
            yield caught
            self.sandbox.settle()
        finally:
            self.sandbox.aim_webhooks(None)
            server.close()
        for body, signature in caught:
            assert post(body, signature).status_code == 200

    def bookings(self) -> list[dict[str, Any]]:
        """What the carrier has, by its own ledger."""
        return list(self.sandbox.ledger("carrier")["shipments"])

    # Looking

    def fresh(self, row: Any) -> Any:
        """The row as it is in the database."""
        return type(row)._default_manager.get(pk=row.pk)

    def shipment(self, job: PickingJob) -> Shipment:
        """The newest shipment of a job."""
        return Shipment.objects.filter(picking_job_id=job.pk).order_by("-id")[0]

    def facts(self, key: UUID) -> dict[str, int]:
        """How often each event with this key was published."""
        said = Message.objects.filter(kind="event", key=str(key)).exclude(name="OrderFulfilmentStarted")
        return dict(Counter(said.values_list("name", flat=True)))

    def fact(self, name: str) -> dict[str, Any]:
        """The payload of the newest event of that name."""
        return dict(Message.objects.filter(kind="event", name=name).latest("id").payload)

    def assert_sound(self) -> None:
        """No violation, no dead mail, and the carrier has what we have: not a parcel more."""
        found = [*stock_violations(), *picking_violations(), *shipping_violations()]
        found += compare_with_carrier(map(told_of, self.bookings()))
        assert found == []
        assert list(Delivery.objects.filter(status="dead").values_list("subscriber", "error")) == []


def started(order: o.OrderForFulfilment, fulfilment_id: UUID | None = None) -> o.OrderFulfilmentStarted:
    """The fact that it may be picked."""
    return o.OrderFulfilmentStarted(
        order_id=order.order_id,
        fulfilment_id=fulfilment_id or uuid7(),
        warehouse_id="main",
        item_count=sum(line.quantity for line in order.lines) or 1,
        priority=order.priority,
        delivery_method=order.delivery_method,
        started_at=database_now(),
    )


def cancelled(order_id: UUID) -> o.OrderCancelled:
    """The fact that it is not."""
    return o.OrderCancelled(order_id=order_id, reason="CUSTOMER_REQUESTED", cancelled_at=database_now())


def moved(order_id: UUID, revision: int, **address: str) -> o.OrderDeliveryAddressChanged:
    """The fact that it goes somewhere else."""
    return o.OrderDeliveryAddressChanged(
        order_id=order_id,
        address_revision=revision,
        previous_postal_code="LS1 1AA",
        delivery_address=o.NewDeliveryAddress.read_data(HOME | address),
        changed_by="staff:theo",
        changed_at=database_now(),
    )


def signed(body: bytes, secret: str | None = None, at: float | None = None) -> str:
    """The carrier's signature of a body."""
    stamp = int(time.time() if at is None else at)
    key = (secret or settings.CARRIER_WEBHOOK_SECRET).encode()
    return f"t={stamp},v1={hmac.new(key, b'%d.' % stamp + body, hashlib.sha256).hexdigest()}"


def post(event: Any, signature: str | None = None) -> Any:
    """The answer to a webhook, signed properly unless a signature is given."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    headers = {"Carrier-Signature": signed(body) if signature is None else signature}
    client = Client(raise_request_exception=False)
    return client.generic("POST", "/webhooks/carrier", body, content_type="application/json", headers=headers)
