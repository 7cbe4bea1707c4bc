"""What no department can see alone: a good order breaks no rule, and each way of disagreeing is found."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db.models.functions import Now

from config.invariants import BUDGET_SECONDS, violations_between_departments
from config.sandbox import SandboxControl
from fulfilment.inventory.models import Reservation
from ordering.checkout.models import CheckoutSession
from ordering.checkout.saga import Checkout
from ordering.orders.models import Order
from payments.models import Payment, PaymentAuthorization
from shop.carts.models import Cart
from shop.messaging.context import acting
from shop.messaging.invariants import run_all
from shop.messaging.routing import switchboard
from shop.messaging.saga.operations import abandon
from tests.journeys.shop import CREATE_ORDER, checked_out, deliver

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = Now() - timedelta(seconds=BUDGET_SECONDS + 10)


@pytest.fixture
def session(provider: SandboxControl) -> UUID:
    """A checkout that has become a paid order."""
    session = checked_out()
    deliver()
    assert Order.objects.get().lifecycle_status == "AWAITING_FULFILMENT"
    assert Payment.objects.get().status == "SUCCEEDED"
    return session


def found() -> list[tuple[str, str]]:
    return [(violation.rule, violation.subject) for violation in violations_between_departments()]


def test_a_good_order_breaks_no_rule_of_anybody(session: UUID) -> None:
    assert run_all(switchboard().all_invariants()) == []


def _no_stock() -> UUID:
    Reservation.objects.update(status="RELEASED", closed_at=Now())
    Order.objects.update(created_at=LONG_AGO)
    return Order.objects.get().pk


def _no_payment() -> UUID:
    Payment.objects.update(status="FAILED", failure_reason="CARD_DECLINED", captured_amount=0)
    return Order.objects.get().pk


def _captured_less() -> UUID:
    Payment.objects.update(captured_amount=1_999)
    return Order.objects.get().pk


def _charged_for_nothing() -> UUID:
    CheckoutSession.objects.update(state="ABORTED", reason="ERROR")
    return Payment.objects.get().pk


def _held_for_nobody() -> UUID:
    PaymentAuthorization.objects.update(status="HELD", captured_amount=0)
    Payment.objects.update(status="AUTHORIZED", captured_amount=0, closed_at=None)
    CheckoutSession.objects.update(state="ABORTED", reason="ERROR", finished_at=LONG_AGO)
    return Payment.objects.get().pk


def _never_started() -> UUID:
    CheckoutSession.objects.all().delete()
    Cart.objects.update(checked_out_at=LONG_AGO)
    return Cart.objects.get().pk


@pytest.mark.parametrize(
    ("rule", "damage"),
    [
        ("every open order has its stock", _no_stock),
        ("every open order has its payment", _no_payment),
        ("captured is the order's total", _captured_less),
        ("money is held only for an order or a checkout under way", _charged_for_nothing),
        ("money is held only for an order or a checkout under way", _held_for_nobody),
        ("every checked-out cart has one checkout", _never_started),
    ],
)
def test_each_disagreement_is_found(session: UUID, rule: str, damage: Callable[[], UUID]) -> None:
    assert found() == []

    subject = damage()

    assert found() == [(rule, str(subject))]


def test_money_left_behind_by_an_abandoned_checkout_is_found(provider: SandboxControl) -> None:
    session = checked_out()
    deliver(but=[CREATE_ORDER])
    CheckoutSession.objects.update(state="NEEDS_ATTENTION", error="nobody creates orders", due_at=None)

    with acting("staff:ada"):
        abandon(Checkout, session, reason="the customer has called")
    deliver()

    payment = Payment.objects.get()
    assert (payment.status, Order.objects.count()) == ("AUTHORIZED", 0)
    CheckoutSession.objects.update(finished_at=LONG_AGO)
    assert found() == [("money is held only for an order or a checkout under way", str(payment.pk))]
