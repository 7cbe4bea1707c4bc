"""The checkout with the real cart, catalogue and stock on the real switchboard; only the payment's answer is given by hand."""

from collections.abc import Collection
from uuid import UUID

import pytest
from django.conf import settings
from django.db.models.functions import Now

from fulfilment.inventory.models import Reservation, StockItem
from ordering.checkout.models import CheckoutSession
from ordering.checkout.saga import Checkout
from ordering.orders.models import Order
from shop.contracts.fulfilment.inventory import ReceiveStock
from shop.contracts.ordering import CheckoutView, GetCheckout
from shop.messaging.bus import ask, execute, publish, unit_of_work
from shop.messaging.models import Delivery
from shop.messaging.saga.deadlines import act_on_deadlines
from tests.carts.carts import cart, check_out, customer, postal_address
from tests.catalog.products import product
from tests.mail import deliver_all
from tests.ordering import world as w
from tests.ordering.invariants import broken

pytestmark = pytest.mark.django_db


def settle(*, but: Collection[str] = ("gateways",)) -> None:
    """Deliver all due mail, except in these queues."""
    deliver_all(queues=set(settings.QUEUES) - set(but))


def a_checkout(*, wanted: int = 2, stock: int = 10) -> UUID:
    """Somebody checks out so many of a product of which there are ``stock``."""
    lamp = product(price=1_250)
    execute(ReceiveStock(product_id=lamp.product_id, quantity=stock))
    made = cart((lamp.product_id, wanted))
    session: UUID = check_out(made.cart_id, customer(), delivery_address=postal_address()).checkout_session_id
    return session


def standing(session: UUID) -> CheckoutView:
    view: CheckoutView = ask(GetCheckout(checkout_session_id=session))
    return view


def stock() -> tuple[int, int]:
    item = StockItem.objects.get()
    return item.on_hand - item.reserved, item.reserved


def test_from_cart_to_confirmed_order() -> None:
    session = a_checkout()
    assert standing(session).status == "PROCESSING"
    settle()
    assert stock() == (8, 2)
    row = CheckoutSession.objects.get(pk=session)
    assert row.correlation_id == session
    with unit_of_work():
        publish(w.authorized(row))
    settle()
    view, order = standing(session), Order.objects.get()
    assert (view.status, view.order_id, order.lifecycle_status, order.total) == (
        "COMPLETED", order.id, "CONFIRMED", 2_500,
    )  # fmt: skip
    assert Reservation.objects.get().order_id == order.id
    assert broken() == []


def test_out_of_stock() -> None:
    session = a_checkout(wanted=3, stock=2)
    settle()
    assert (standing(session).status, standing(session).reason) == ("FAILED", "OUT_OF_STOCK")
    assert stock() == (2, 0)
    assert broken() == []


def test_a_declined_payment_gives_the_stock_back() -> None:
    session = a_checkout()
    settle()
    with unit_of_work():
        publish(w.failed(CheckoutSession.objects.get(pk=session)))
    settle()
    assert (standing(session).status, standing(session).reason) == ("FAILED", "PAYMENT_DECLINED")
    assert stock() == (10, 0)
    assert not Order.objects.exists()
    assert broken() == []


def test_a_release_that_overtakes_its_reservation_wins() -> None:
    session = a_checkout()
    settle(but=("gateways", "fulfilment"))
    for _ in range(3):
        CheckoutSession.objects.update(due_at=Now())
        act_on_deadlines(Checkout)
        settle(but=("gateways", "fulfilment"))
    assert CheckoutSession.objects.get().state == "COMPENSATING"
    Delivery.objects.filter(subscriber="fulfilment.inventory.reserve_inventory").update(status="discarded")
    settle()
    assert (standing(session).status, standing(session).reason) == ("FAILED", "TIMED_OUT")
    Delivery.objects.filter(subscriber="fulfilment.inventory.reserve_inventory").update(status="open", due_at=Now())
    settle()
    assert stock() == (10, 0)
    assert CheckoutSession.objects.get().state == "ABORTED"
    assert broken() == []
