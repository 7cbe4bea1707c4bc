"""A crowd of orders through the whole shop, and everything that people, the post, the provider and the carrier may do to them.

One step of every order is one round: what can be done for many at once is, and all mail of a round is delivered together.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from django.conf import settings
from django.db.models.functions import Now

from config.sandbox import SandboxControl, sign
from config.sandbox.wire import Request, Response, WireServer
from fulfilment.shipping import inbox as carrier_inbox
from fulfilment.shipping.models import CarrierWebhook, Shipment
from fulfilment.warehouse.models import PickingJob, PickingLine
from ordering.orders.models import Order, OrderHold
from payments import inbox as stripe_inbox
from shop.contracts import fulfilment as f
from shop.contracts import ordering as o
from shop.contracts.base import Command
from shop.contracts.fulfilment.inventory import ReceiveStock
from shop.contracts.ordering.amending import AmendOrder, OrderChange
from shop.contracts.payments import RefundOrder
from shop.messaging.bus import execute, send, unit_of_work
from shop.messaging.context import acting
from shop.messaging.errors import Refused
from shop.messaging.models import Delivery
from tests.carts.carts import cart, check_out, customer, postal_address
from tests.catalog.products import product
from tests.journeys.shop import deliver

STOCK: Final = 10_000  # of each product
PRODUCTS, CUSTOMERS = 4, 5
STRIPE_IS_HEARD: Final = 0.4  # the rest of its webhooks is lost: its answers have to do
NEVER: Final = datetime(2999, 1, 1, tzinfo=UTC)
LONG_AGO: Final = "2020-01-01T00:00:00Z"
NOBODY_DELIVERS: Final = "00000"  # a postcode the carrier refuses
REPEATED: Final = "^(ordering|payments|fulfilment)"
# Mail to these comes late now and then, so that facts overtake each other.
LAGGARDS: Final = (
    "payments.capture_payment", "payments.void_authorization", "ordering.amending.saga", "fulfilment.shipping.create_shipment",
    "fulfilment.inventory.adjust_reservation", "payments.return_difference",
)  # fmt: skip
FAULTS: Final[tuple[dict[str, Any], ...]] = (
    {"effect": "execute_then_timeout", "seconds": 0}, {"effect": "drop"}, {"effect": "status", "status": 503, "stored": False},
    {"effect": "status", "status": 422, "code": "TOO_HEAVY"},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """How one order stands as a round begins, as somebody at a screen sees it."""

    order_id: UUID
    status: str
    job: PickingJob | None
    shipment: Shipment | None
    hold_id: UUID | None

    @property
    def stage(self) -> str:
        """What can sensibly be done about it."""
        if self.status != "FULFILLING":
            return "over" if self.status in {"COMPLETED", "CANCELLED"} else "ordered"
        if self.job is None or self.job.status == "CANCELLED":
            return "told"
        if self.job.status != "PACKED":
            return "short" if self.job.short_since else f"job {self.job.status}"
        if self.shipment is None or self.shipment.picking_job_id != self.job.pk:
            return "told"
        return "told" if self.shipment.resolution else f"shipment {self.shipment.status}"

    @property
    def job_id(self) -> UUID:
        """Raises ``Refused`` where there is none."""
        if self.job is None:
            raise Refused("no_job", "Nobody picks it yet.")
        return UUID(str(self.job.pk))

    @property
    def shipment_id(self) -> UUID:
        """Raises ``Refused`` where there is none."""
        if self.shipment is None:
            raise Refused("no_shipment", "Nothing was shipped yet.")
        return UUID(str(self.shipment.pk))


class Post:
    """The webhooks of provider and carrier: caught as they come, handed to the shop late, in any order, and more than once.

    Many of the provider's get lost, none of the carrier's: of a shipment nobody else would tell.
    """

    def __init__(self, provider: SandboxControl) -> None:
        self.provider = provider
        self.caught: list[tuple[str, bytes]] = []
        self.heard: list[tuple[str, bytes]] = []
        self.moves = 0  # of the carrier: each makes one webhook
        self._server = WireServer("127.0.0.1", 0, self._take)

    def __enter__(self) -> Post:
        self._server.start()
        self.provider.aim_webhooks(self._server.url)
        return self

    def __exit__(self, *_: object) -> None:
        self.provider.aim_webhooks(None)
        self._server.close()

    def arrive(self, chance: Random, share: float) -> None:
        """So much of what was caught reaches the shop, in an order nobody chose."""
        self._wait_for_carrier()
        waiting = [self.caught.pop() for _ in range(len(self.caught))]
        chance.shuffle(waiting)
        now = int(len(waiting) * share)
        self.caught += waiting[now:]
        self.heard += waiting[:now]
        for path, body in waiting[:now]:
            if path.endswith("carrier") or chance.random() < STRIPE_IS_HEARD:
                hand_in(path, body)

    def again(self, chance: Random) -> None:
        """Something that was heard comes once more, as itself or as news."""
        if self.heard:
            path, body = chance.choice(self.heard)
            hand_in(path, body if chance.random() < 0.5 else json.dumps(json.loads(body) | {"id": f"evt_{uuid4().hex}"}).encode())

    def _take(self, request: Request) -> Response:
        self.caught.append((request.path, request.body))
        return Response(200, {})

    def _wait_for_carrier(self) -> None:
        until = time.monotonic() + 10
        while sum(path.endswith("carrier") for path, _ in [*self.caught, *self.heard]) < self.moves:
            assert time.monotonic() < until, "the carrier's webhooks do not come"
            time.sleep(0.002)


def hand_in(path: str, body: bytes) -> None:
    """A webhook as the views hand it in, signed now."""
    at = int(time.time())
    if path.endswith("carrier"):
        carrier_inbox.receive(body, sign(body, settings.CARRIER_WEBHOOK_SECRET, at))
    else:
        stripe_inbox.receive(body, sign(body, settings.STRIPE_WEBHOOK_SECRET, at))


@dataclass(slots=True)
class Crowd:
    """Orders, and what is to be done for many of them at once when the round ends."""

    provider: SandboxControl
    post: Post
    chance: Random
    ids: list[UUID] = field(default_factory=list)
    products: list[UUID] = field(default_factory=list)
    repeated: list[UUID] = field(default_factory=list)
    asked: list[UUID] = field(default_factory=list)
    refused: int = 0
    done: dict[str, int] = field(default_factory=dict)

    def come(self, orders: int) -> None:
        """So many checkouts of one or two products each; all of them become orders."""
        self.products = [product().product_id for _ in range(PRODUCTS)]
        for product_id in self.products:
            execute(ReceiveStock(product_id=product_id, quantity=STOCK))
        buyers = [customer() for _ in range(CUSTOMERS)]
        for number in range(orders):
            wanted = self.chance.sample(self.products, self.chance.randint(1, 2))
            made = cart(*((product_id, self.chance.randint(1, 3)) for product_id in wanted))
            check_out(made.cart_id, buyers[number % CUSTOMERS], delivery_address=postal_address())
        deliver()
        self.ids = list(Order.objects.order_by("pk").values_list("pk", flat=True))
        assert len(self.ids) == orders

    def round(self) -> None:
        """One step of every order, then the mail."""
        if self.chance.random() < 0.3:
            self.provider.add_fault(service="carrier", operation="ship", times=2, **self.chance.choice(FAULTS))
        for standing in list(self.look()):
            deed = self.chosen(standing)
            self.done[deed.__name__] = self.done.get(deed.__name__, 0) + 1
            try:
                with acting("staff:mira"):
                    deed(self, standing)
            except Refused:
                self.refused += 1
        self._repeat()
        self._ask()
        self.post.arrive(self.chance, 0.7)
        deliver(but=set(self.chance.sample(LAGGARDS, 2)))

    def chosen(self, standing: Standing) -> Deed:
        """Mostly what makes sense, sometimes anything at all."""
        table = DEEDS[standing.stage if self.chance.random() < 0.93 else self.chance.choice(list(DEEDS))]
        return self.chance.choices([deed for deed, _ in table], [weight for _, weight in table])[0]

    def look(self) -> Iterator[Standing]:
        """How all of them stand."""
        jobs = {job.order_id: job for job in PickingJob.objects.order_by("created_at", "pk")}
        shipments = {shipment.order_id: shipment for shipment in Shipment.objects.order_by("pk")}
        holds = dict(OrderHold.objects.filter(released_at=None).values_list("order_id", "pk"))
        for order_id, status in Order.objects.order_by("pk").values_list("pk", "lifecycle_status"):
            yield Standing(order_id, str(status), jobs.get(order_id), shipments.get(order_id), holds.get(order_id))

    def rest(self) -> None:
        """Nobody asks for anything more, everybody answers, and every word arrives."""
        self.provider.clear_faults()
        for hold_id, order_id in OrderHold.objects.filter(released_at=None).values_list("pk", "order_id"):
            execute(o.ReleaseOrderHold(order_id=order_id, hold_id=hold_id, resolution="done"))
        for _ in range(20):
            deliver()
            self.provider.settle(30)
            self.post.arrive(self.chance, 1)
            deliver()
            if not Delivery.objects.filter(status="open").update(due_at=Now()):
                return
        raise AssertionError("there is always more mail")

    def _repeat(self) -> None:
        """Of the mail about these orders two pieces each come once more, and what the carrier said is worked on again."""
        keys, self.repeated = [str(order_id) for order_id in self.repeated], []
        done = Delivery.objects.filter(status="done", subscriber__regex=REPEATED, message__kind="event", message__key__in=keys)
        found = list(done.order_by("pk").values_list("pk", flat=True))
        again = self.chance.sample(found, min(2 * len(keys), len(found)))
        Delivery.objects.filter(pk__in=again).update(status="open", done_at=None, due_at=Now())
        stored = list(CarrierWebhook.objects.order_by("pk").values_list("pk", flat=True))
        with unit_of_work():
            for inbox_id in self.chance.sample(stored, min(len(keys) // 4, len(stored))):
                send(f.ReceiveCarrierWebhook(inbox_id=inbox_id))

    def _ask(self) -> None:
        asked, self.asked = self.asked, []
        if Shipment.objects.filter(pk__in=asked, ask_again_at__isnull=False).update(ask_again_at=LONG_AGO):
            execute(f.FollowShipments())


Deed = Callable[[Crowd, Standing], None]


def repeat(crowd: Crowd, one: Standing) -> None:
    crowd.repeated.append(one.order_id)


def hear_again(crowd: Crowd, one: Standing) -> None:
    crowd.post.again(crowd.chance)


def ask(crowd: Crowd, one: Standing) -> None:
    crowd.asked.append(one.shipment_id)


def amend(crowd: Crowd, one: Standing) -> None:
    change = OrderChange(type="SET_QUANTITY", position=crowd.chance.randint(1, 2), quantity=crowd.chance.randint(1, 4))
    kind = crowd.chance.random()
    if kind < 0.1:
        change = OrderChange(type="REMOVE_LINE", position=crowd.chance.randint(1, 2))
    elif kind < 0.2:
        method = crowd.chance.choice(["CLICK_AND_COLLECT", "HOME_DELIVERY"])
        change = OrderChange(type="SET_DELIVERY_METHOD", delivery_method=method)
    execute(AmendOrder(order_id=one.order_id, changes=[change]))


def correct(crowd: Crowd, one: Standing) -> None:
    change = OrderChange(type="CORRECT_PROMOTION", discount=crowd.chance.randint(0, 400))
    execute(AmendOrder(order_id=one.order_id, changes=[change]))


def refund(crowd: Crowd, one: Standing) -> None:
    """So little that all of them together are never more than the cheapest order costs: no difference has to be forgone."""
    amount = crowd.chance.randint(1, 15)
    execute(RefundOrder(order_id=one.order_id, amount=amount, reason="sorry", refund_type="GOODWILL"))


def hold(crowd: Crowd, one: Standing) -> None:
    reason = crowd.chance.choice(["PAYMENT_REVIEW", "FRAUD_REVIEW", "INVENTORY_RECHECK"])
    execute(o.PlaceOrderHold(order_id=one.order_id, reason=reason, owner_team="ops", review_by=NEVER))


def release_hold(crowd: Crowd, one: Standing) -> None:
    if one.hold_id is None:
        repeat(crowd, one)
    else:
        execute(o.ReleaseOrderHold(order_id=one.order_id, hold_id=one.hold_id, resolution="looked at"))


def readdress(crowd: Crowd, one: Standing) -> None:
    postcode = crowd.chance.choice(["20095", "20097", "20099", NOBODY_DELIVERS])
    address = o.NewDeliveryAddress(recipient_name="A", line1="Kai 2", city="Hamburg", postal_code=postcode, country_code="DE")
    execute(o.ChangeDeliveryAddress(order_id=one.order_id, delivery_address=address))


def release(crowd: Crowd, one: Standing) -> None:
    execute(o.ReleaseOrder(order_id=one.order_id))


def cancel(crowd: Crowd, one: Standing) -> None:
    execute(o.CancelOrder(order_id=one.order_id, reason="CUSTOMER_REQUESTED"))


def start(crowd: Crowd, one: Standing) -> None:
    execute(f.StartPicking(picking_job_id=one.job_id))


def pick(crowd: Crowd, one: Standing) -> None:
    """One line, often not all of it."""
    lines = list(PickingLine.objects.filter(job_id=one.job_id).order_by("position"))
    line = crowd.chance.choice(lines)
    wanted = line.quantity - line.left_out
    missing = min(wanted, crowd.chance.choice([0, 1, wanted]))
    execute(f.PickLine(picking_job_id=line.job_id, position=line.position, picked=wanted - missing, missing=missing))


def pick_all(crowd: Crowd, one: Standing) -> None:
    execute(f.PickAllLines(picking_job_id=one.job_id))


def find(crowd: Crowd, one: Standing) -> None:
    execute(f.FindMissing(picking_job_id=one.job_id))


def ship_without(crowd: Crowd, one: Standing) -> None:
    execute(f.AcceptShortPick(picking_job_id=one.job_id, reason="gone"))


def give_up_picking(crowd: Crowd, one: Standing) -> None:
    execute(f.GiveUpPicking(picking_job_id=one.job_id, reason="gone"))


def pack(crowd: Crowd, one: Standing) -> None:
    execute(f.PackOrder(picking_job_id=one.job_id, parcel_count=crowd.chance.randint(1, 2)))


def drive(crowd: Crowd, one: Standing) -> None:
    """The carrier moves the shipment or a parcel of it, or the customer comes for it."""
    shipment_id = one.shipment_id
    assert one.shipment is not None
    if one.shipment.is_collected:
        execute(f.HandOverOrder(shipment_id=shipment_id, collected_by="Jo"))
    elif one.shipment.carrier_shipment_id:
        status = crowd.chance.choice(["in_transit", "delivered", "delivered", "failed"])
        reason = crowd.chance.choice(["FAILED_DELIVERY", "LOST", "DAMAGED", "RETURNED_TO_SENDER"])
        parcel = crowd.chance.choice([None, one.shipment.tracking_number])
        with suppress(httpx.HTTPStatusError):  # what has ended does not move
            crowd.provider.advance_shipment(str(one.shipment.carrier_shipment_id), status, reason=reason, parcel=parcel)
            crowd.post.moves += 1


def decision(make: Callable[[UUID], Command], name: str) -> Deed:
    """What a person decides about a shipment."""

    def deed(crowd: Crowd, one: Standing) -> None:
        execute(make(one.shipment_id))

    deed.__name__ = name
    return deed


redeliver = decision(lambda key: f.RedeliverShipment(shipment_id=key), "redeliver")
replace = decision(lambda key: f.ReplaceShipment(shipment_id=key), "replace")
lose = decision(lambda key: f.MarkShipmentLost(shipment_id=key), "lose")
book_again = decision(lambda key: f.RetryBooking(shipment_id=key), "book_again")
give_up = decision(lambda key: f.GiveUpShipment(shipment_id=key, reason="enough"), "give_up")

DEEDS: Final[dict[str, list[tuple[Deed, int]]]] = {
    "ordered": [
        (repeat, 42), (amend, 7), (correct, 2), (refund, 1), (hold, 3), (release_hold, 9), (readdress, 2), (release, 15),
        (cancel, 1), (hear_again, 2),
    ],
    "told": [(repeat, 10), (hear_again, 1), (readdress, 1)],
    "job CREATED": [(start, 6), (readdress, 1), (repeat, 3)],
    "job PICKING": [(pick, 2), (pick_all, 4), (pack, 5), (repeat, 4)],
    "short": [(find, 3), (ship_without, 4), (give_up_picking, 1), (pick, 1), (repeat, 2)],
    "shipment REQUESTED": [(repeat, 6), (readdress, 2), (book_again, 2), (ask, 1), (give_up, 1)],
    "shipment CREATED": [(drive, 8), (ask, 1), (lose, 1), (readdress, 1), (hear_again, 1), (repeat, 4)],
    "shipment FAILED": [(redeliver, 4), (replace, 4), (give_up, 1), (readdress, 1), (hear_again, 1), (repeat, 2)],
    "over": [(repeat, 30), (hear_again, 3), (drive, 1), (refund, 1), (cancel, 1), (readdress, 1)],
}  # fmt: skip
