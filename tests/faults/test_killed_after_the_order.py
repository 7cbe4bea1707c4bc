"""kill -9 around what leaves the house after an order exists: refunds, differences, the archive. Once and whole."""

from collections import Counter
from uuid import UUID

from django.test import override_settings

from config.sandbox import SandboxControl
from ordering.orders.models import Order, OrderAdjustment, OrderArchive, OrderLine
from shop.contracts.ordering import CancelOrder
from shop.contracts.ordering.amending import AmendOrder, OrderChange
from shop.contracts.ordering.archiving import ArchiveOrders
from shop.messaging.bus import execute
from shop.messaging.doorbell import listening
from tests.faults.test_killed_anywhere import die_and_come_back
from tests.faults.tools import Shop


def paid(shop: Shop) -> Order:
    shop.checkout()
    assert shop.work() == 0
    order = Order.objects.get()
    assert order.lifecycle_status == "AWAITING_FULFILMENT"
    return order


def kept(shop: Shop, order_id: UUID) -> int:
    """What the provider has taken for this order and not given back, by its own ledger."""
    with SandboxControl(shop.sandbox.urls["stripe"]) as control:
        ledger = control.ledger("stripe")
    owners = {intent["id"]: intent["metadata"].get("order_id") for intent in ledger["intents"]}
    sums: Counter[str | None] = Counter()
    for intent in ledger["intents"]:
        sums[owners[intent["id"]]] += intent["amount_received"]
    for refund in ledger["refunds"]:
        sums[owners[refund["payment_intent"]]] -= refund["amount"]
    return sums[str(order_id)]


def test_a_refund_is_made_once_and_its_order_archived_once(shop: Shop) -> None:
    order = paid(shop)
    with listening():
        execute(CancelOrder(order_id=order.pk, reason="CUSTOMER_REQUESTED"))
    die_and_come_back(shop, "outside.after_call:payments.process_refund_when_refund_requested")
    assert kept(shop, order.pk) == 0
    (shop.folder / "crashed").unlink()
    with override_settings(ORDER_RETENTION_DAYS=0), listening():
        execute(ArchiveOrders())
    die_and_come_back(shop, "outside.after_call:ordering.orders.archive_order")
    assert OrderArchive.objects.count() == 1
    assert not OrderLine.objects.exists()


def test_an_order_is_changed_once_and_the_difference_taken_once(shop: Shop) -> None:
    order = paid(shop)
    line = OrderLine.objects.filter(order=order).first()
    assert line is not None
    more = OrderChange(type="SET_QUANTITY", position=line.position, quantity=line.quantity + 1)
    with listening():
        execute(AmendOrder(order_id=order.pk, changes=[more]))
    die_and_come_back(shop, "outside.after_call:payments.authorize_payment")
    assert OrderAdjustment.objects.get().status == "APPLIED"
    assert kept(shop, order.pk) == Order.objects.get().total == order.total + line.unit_price
