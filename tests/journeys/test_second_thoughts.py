"""Whatever is asked of orders and their parcels, in whatever order and however often: units, money, mail and history add up."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from django.db.models import F, Sum
from django.test import override_settings

from config.sandbox import SandboxControl
from fulfilment.inventory.models import Reservation, StockItem
from fulfilment.shipping.gateways.reading import told_of
from fulfilment.shipping.invariants import compare_with_carrier
from fulfilment.shipping.models import CarrierWebhook, Shipment
from fulfilment.warehouse.models import PickingJob, PickingLine
from ordering.orders.models import Order, OrderAdjustment, OrderLine, OrderStatusHistory
from payments.gateways import stripe
from payments.invariants import compare_with_provider
from payments.models import Payment, Refund, WebhookEvent
from shop.messaging.invariants import run_all
from shop.messaging.models import Delivery, Message
from shop.messaging.routing import switchboard
from tests.docs.test_states import DRAWN
from tests.journeys.thoughts import LONG_AGO, STOCK, Crowd, Post

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS, STEPS = 250, 30  # of each seed: a thousand orders in all
SEEDS = (1, 2, 3, 4)
LEGAL = {(source, target) for source, target, _ in DRAWN["ordering.Order.lifecycle_status"]}


@pytest.fixture
def post(provider: SandboxControl) -> Iterator[Post]:
    with Post(provider) as open_:
        yield open_


@pytest.mark.parametrize("seed", SEEDS)
@override_settings(REFUND_APPROVAL_ABOVE=0)
def test_whatever_is_asked_in_whatever_order(provider: SandboxControl, post: Post, seed: int) -> None:
    began = datetime.now(UTC) - timedelta(minutes=1)
    crowd = Crowd(provider, post, Random(seed))
    crowd.come(ORDERS)
    for _ in range(STEPS):
        crowd.round()
    crowd.rest()
    _every_mail_has_arrived()
    _every_transition_is_drawn_and_told_once()
    _money_adds_up()
    _units_add_up(crowd)
    _shipments_are_told_once()
    _the_others_say_the_same(provider, began)
    _let_every_budget_pass()
    assert run_all(switchboard().all_invariants()) == []
    _everything_has_happened(crowd)


def _every_mail_has_arrived() -> None:
    assert list(Delivery.objects.exclude(status="done").values_list("status", "subscriber", "error")) == []
    assert not CarrierWebhook.objects.filter(status__in=["RECEIVED", "PARKED"]).exists()
    assert not WebhookEvent.objects.filter(status__in=["RECEIVED", "PARKED"]).exists()
    assert not OrderAdjustment.objects.filter(status="OPEN").exists()
    assert not Payment.objects.filter(status__in=["REQUESTED", "UNKNOWN"]).exists()
    assert not Refund.objects.filter(status="REQUESTED").exists()


def _every_transition_is_drawn_and_told_once() -> None:
    history: dict[UUID, list[tuple[int, str, str]]] = defaultdict(list)
    rows = OrderStatusHistory.objects.order_by("order_id", "sequence")
    for order_id, *step in rows.values_list("order_id", "sequence", "previous_status", "new_status"):
        history[order_id].append((step[0], step[1], step[2]))
    for order_id, status in Order.objects.values_list("pk", "lifecycle_status"):
        steps = history[order_id]
        assert [sequence for sequence, _, _ in steps] == list(range(1, len(steps) + 1))
        assert [before for _, before, _ in steps] == ["CREATED", *(after for _, _, after in steps[:-1])]
        assert steps[-1][2] == status
        assert {(before, after) for _, before, after in steps} <= LEGAL
    told = Message.objects.filter(name="OrderStatusChanged").values_list("payload__orderId", "payload__sequence")
    assert Counter(told) == Counter((str(order_id), sequence) for order_id in history for sequence, _, _ in history[order_id])


def _money_adds_up() -> None:
    """What was taken and not returned is what the order costs, less what was given as a kindness; of a cancelled one nothing."""
    paid = _sums(Payment.objects.values_list("order_id").annotate(Sum("captured_amount")))
    returned = _sums(Payment.objects.values_list("order_id").annotate(Sum("refunded_amount")))
    gifts = Refund.objects.filter(status="PROCESSED", kind="GOODWILL").values_list("payment__order_id")
    given = _sums(gifts.annotate(Sum("amount")))
    for order_id, status, total in Order.objects.values_list("pk", "lifecycle_status", "total"):
        kept = paid[order_id] - returned[order_id]
        assert kept == (0 if status == "CANCELLED" else total - given[order_id]), (order_id, status, kept, total, given[order_id])


def _sums(rows: Iterator[tuple[UUID, int]]) -> Mapping[UUID, int]:
    return defaultdict(int, rows)


def _units_add_up(crowd: Crowd) -> None:
    """What came is there, was packed, or was written off; reserved is what orders and pickers wait for, not a piece more."""
    lines = PickingLine.objects.values_list("product_id")
    packed = _sums(lines.filter(job__status="PACKED").annotate(Sum("picked")))
    left_out = _sums(lines.annotate(Sum("left_out")))
    missing = _sums(lines.filter(job__status="CANCELLED").annotate(Sum("missing")))
    under_way = lines.filter(job__status__in=["CREATED", "PICKING"])
    picking = _sums(under_way.annotate(units=Sum(F("quantity") - F("left_out"))))
    ordered = OrderLine.objects.filter(order__lifecycle_status__in=["CONFIRMED", "ON_HOLD", "AWAITING_FULFILMENT"])
    waiting = _sums(ordered.values_list("product_id").annotate(Sum("quantity")))
    for item in StockItem.objects.filter(pk__in=crowd.products):
        assert item.on_hand == STOCK - packed[item.pk] - left_out[item.pk] - missing[item.pk]
        assert item.reserved == picking[item.pk] + waiting[item.pk]


def _shipments_are_told_once() -> None:
    told = Counter(
        Message.objects.filter(name__in=["ShipmentCreated", "ShipmentDelivered", "ShipmentFailed"], kind="event").values_list(
            "name", "payload__shipmentId"
        )
    )
    assert set(told.values()) == {1}
    ends = Message.objects.filter(name__in=["OrderCompleted", "OrderCancelled", "OrderUndeliverable"], kind="event")
    assert set(Counter(ends.values_list("payload__orderId", flat=True)).values()) == {1}
    packed = Counter(Message.objects.filter(name="OrderPacked", kind="event").values_list("payload__pickingJobId", flat=True))
    assert packed == Counter(str(key) for key in PickingJob.objects.filter(status="PACKED").values_list("pk", flat=True))


def _the_others_say_the_same(provider: SandboxControl, began: datetime) -> None:
    assert list(compare_with_provider(stripe.made_since(began), began)) == []
    bookings = provider.ledger("carrier")["shipments"]
    assert list(compare_with_carrier(map(told_of, bookings))) == []
    assert len(bookings) == Shipment.objects.filter(carrier_shipment_id__isnull=False).count()


def _let_every_budget_pass() -> None:
    """Rules that allow a department to lag a while must hold now that nothing is on its way."""
    Order.objects.exclude(ended_at=None).update(ended_at=LONG_AGO)
    OrderAdjustment.objects.exclude(closed_at=None).update(closed_at=LONG_AGO)
    OrderStatusHistory.objects.update(changed_at=LONG_AGO)
    PickingJob.objects.exclude(closed_at=None).update(closed_at=LONG_AGO)
    Reservation.objects.exclude(closed_at=None).update(closed_at=LONG_AGO)
    CarrierWebhook.objects.update(received_at=LONG_AGO)
    WebhookEvent.objects.update(received_at=LONG_AGO)


def _everything_has_happened(crowd: Crowd) -> None:
    """The walk has been everywhere: no deed, ending or decision is missing."""
    assert sum(crowd.done.values()) == ORDERS * STEPS
    assert len(crowd.done) == 24, sorted(crowd.done)
    statuses = Counter(Order.objects.values_list("lifecycle_status", flat=True))
    assert statuses["COMPLETED"] > ORDERS // 10, statuses
    assert statuses["CANCELLED"] > ORDERS // 20, statuses
    decisions = set(Shipment.objects.values_list("resolution", flat=True))
    assert decisions >= {"REDELIVERED", "REPLACED", "GIVEN_UP"}, decisions
    assert PickingLine.objects.filter(left_out__gt=0).exists()
    assert set(OrderAdjustment.objects.values_list("status", "kind")) >= {("APPLIED", "AMENDMENT"), ("APPLIED", "SHORT_PICK")}
