"""The rest of the shop: whatever is needed for every screen to have a row."""

from __future__ import annotations

from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from fulfilment.shipping.models import CarrierWebhook
from ordering.amending.models import AmendmentRun
from ordering.amending.saga import Amendment
from ordering.orders.models import Order
from payments.models import Payment, WebhookEvent
from shop.console.batches.models import Batch
from shop.console.batches.states import Selection
from shop.contracts.console import CheckInvariants
from shop.contracts.ordering.amending import AmendOrder, OrderChange
from shop.contracts.payments import RefundPayment
from shop.contracts.personal_data import EraseCustomer
from shop.messaging.bus import execute
from shop.messaging.context import acting
from shop.messaging.sets import run
from shop.outward.models import WebhookEndpoint, WebhookSending
from tests.carts import carts
from tests.console.buttons import SCREENS
from tests.console.shop import Shop, check_out, dispatch, work
from tests.reviews.desk import ANGRY, reviewed, words


def everything(shop: Shop) -> None:
    """After ``fill``: what every other screen shows. Says which screen still has no row."""
    dispatch(shop)
    change_an_order(shop)
    with acting("staff:mira"):
        payment = Payment.objects.filter(status="SUCCEEDED").latest("id")
        execute(RefundPayment(payment_id=payment.pk, amount=100, reason="a scratch", refund_type="GOODWILL"))
        execute(EraseCustomer(customer_id=carts.customer()))
    words()
    reviewed(shop.products["CUP-BLUE"], ANGRY)
    outsiders()
    begin_a_batch()
    look_for_what_is_wrong()
    empty = [screen.opts.label for screen in SCREENS if not screen.model._default_manager.exists()]
    assert empty == [], "make a row for these in tests/console/everything.py"


def change_an_order(shop: Shop) -> AmendmentRun:
    """One order more is to become smaller; stock is being asked."""
    check_out(shop, "changing", ("CUP-BLUE", 2))
    work()
    order = Order.objects.get(pk=shop.session("changing").order_id)
    with acting("staff:theo", order.checkout_session_id):
        wish = OrderChange(type="SET_QUANTITY", position=order.lines.all()[0].position, quantity=1)
        execute(AmendOrder(order_id=order.pk, changes=[wish], reason="one is enough"))
    work(only={Amendment.subscriber_name()})
    return AmendmentRun.objects.get(order_id=order.pk)


def look_for_what_is_wrong() -> None:
    """Two runs of the invariants: one that finds something, for which somebody wrote into the database, and one under way."""
    execute(CheckInvariants())
    run("UPDATE fulfilment_stockitem SET on_hand = on_hand + 7 WHERE ctid = (SELECT min(ctid) FROM fulfilment_stockitem)")
    work(only=("shop.console.checking.check_next_invariant",))
    execute(CheckInvariants())


def begin_a_batch() -> Batch:
    """Something that is done to many rows, and that everybody may see."""
    made: Batch = Batch.objects.create(
        id=uuid7(), verb="retry", model="messaging.delivery", permission="messaging.view_operatoraction", actor="staff:theo",
        reason="the disk is larger now", given={}, selection=Selection.CAUSE, query="c0ffee5ea5edbeef", total=3,
        correlation_id=uuid7(),
    )  # fmt: skip
    return made


def outsiders() -> None:
    """What providers and partners say and are told."""
    WebhookEvent.objects.create(id=uuid7(), provider="stripe", event_id="evt_1", type="payment_intent.succeeded", body=b"{}")
    CarrierWebhook.objects.create(id=uuid7(), event_id="cev_1", type="shipment.delivered", body=b"{}")
    endpoint = WebhookEndpoint.objects.create(partner="acme", url="https://hooks.example/shop", events=["OrderCreated"])
    WebhookSending.objects.create(
        endpoint=endpoint, message_id=endpoint.pk, event="OrderCreated", body="{}", next_at=Now(), attempts=2, last_status=503
    )
