"""Every rule that must hold finds the one row that breaks it, and says which."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from ordering.checkout.invariants import checkout_violations
from ordering.checkout.models import CheckoutSession
from ordering.orders.invariants import order_violations
from ordering.orders.models import Order, OrderHold, OrderLine, OrderStatusHistory
from shop.messaging.bus import execute
from tests.ordering import world as w
from tests.ordering.factories import cart_checked_out, create_order
from tests.ordering.world import World, say, session_of

pytestmark = pytest.mark.django_db

ORDERS: dict[str, tuple[str, Callable[[], Any]]] = {
    "line dearer": ("order lines add up", lambda: OrderLine.objects.filter(position=1).update(unit_price=1)),
    "no lines": ("order lines add up", lambda: OrderLine.objects.all().delete()),
    "no history": ("order history is gapless", lambda: OrderStatusHistory.objects.all().delete()),
    "a gap": ("order history is gapless", lambda: OrderStatusHistory.objects.update(sequence=F("sequence") + 1)),
    "status alone": (
        "order history is gapless",
        lambda: Order.objects.update(lifecycle_status="AWAITING_FULFILMENT", confirmed_at=Now()),
    ),
    "no reservation": ("no order without reservation and payment", lambda: Order.objects.update(reservation_id=None)),
    "no payment": ("no order without reservation and payment", lambda: Order.objects.update(payment_id=None)),
}


@pytest.mark.parametrize("how", ORDERS)
def test_an_order_gone_wrong_is_found(world: World, how: str) -> None:
    order_id = execute(create_order()).order_id
    assert [*order_violations()] == []
    rule, spoil = ORDERS[how]
    spoil()
    found = [*order_violations()]
    assert [(violation.rule, violation.subject) for violation in found] == [(rule, str(order_id))]


def test_a_broken_chain_is_found(world: World) -> None:
    order_id = execute(create_order(fraud_verdict="review")).order_id
    OrderStatusHistory.objects.update(new_status="CONFIRMED")
    OrderStatusHistory.objects.create(
        order_id=order_id, sequence=2, previous_status="CREATED", new_status="ON_HOLD", actor="x",
        correlation_id=uuid7(), changed_at=w.now(),
    )  # fmt: skip
    Order.objects.update(status_sequence=2)
    assert [violation.rule for violation in order_violations()] == ["order history is gapless"]


def test_on_hold_without_a_hold_and_a_hold_without_on_hold_are_found(world: World) -> None:
    held = execute(create_order(fraud_verdict="review")).order_id
    free = execute(create_order()).order_id
    OrderHold.objects.update(order_id=free)
    found = {(violation.rule, violation.subject) for violation in order_violations()}
    assert found == {("on hold while a hold is open", str(held)), ("on hold while a hold is open", str(free))}


def a_completed_checkout() -> CheckoutSession:
    event = cart_checked_out()
    say(event)
    session = session_of(event)
    say(w.reserved(session))
    say(w.authorized(session))
    session.refresh_from_db()
    assert session.state == "COMPLETED"
    return session


def long_ago() -> Any:
    return Now() - timedelta(hours=1)


MOVING = "every checkout is terminal, moving or parked"
CHECKOUTS: dict[str, tuple[str, dict[str, Any]]] = {
    "another order": ("one cart, one session, one order", {"cart_id": uuid7()}),
    "another total": ("one cart, one session, one order", {"total": 1}),
    "aborted in spite of its order": ("no order of a failed checkout", {"state": "ABORTED", "reason": "ERROR"}),
    "no deadline": (MOVING, {"state": "CREATING_ORDER", "finished_at": None}),
    "overdue": (MOVING, {"state": "CREATING_ORDER", "finished_at": None, "due_at": long_ago()}),
    "parked silently": (MOVING, {"state": "NEEDS_ATTENTION", "finished_at": None}),
    "parked with a deadline": (MOVING, {"state": "NEEDS_ATTENTION", "error": "x", "due_at": Now(), "finished_at": None}),
    "never finished": (MOVING, {"finished_at": None}),
    "finished while undoing": (MOVING, {"undoing": ["ReserveInventory"]}),
    "completed with a reason": (MOVING, {"reason": "ERROR"}),
}


@pytest.mark.parametrize("how", CHECKOUTS)
def test_a_checkout_gone_wrong_is_found(world: World, how: str) -> None:
    session = a_completed_checkout()
    assert [*checkout_violations()] == []
    rule, spoilt = CHECKOUTS[how]
    CheckoutSession.objects.update(**spoilt)
    found = [*checkout_violations()]
    assert [(violation.rule, violation.subject) for violation in found] == [(rule, str(session.id))]


def test_a_completed_checkout_without_its_order_is_found(world: World) -> None:
    session = a_completed_checkout()
    Order.objects.all().delete()
    assert [(v.rule, v.subject) for v in checkout_violations()] == [("no paid checkout without an order", str(session.id))]


def test_a_parked_checkout_that_says_why_is_fine(world: World) -> None:
    event = cart_checked_out()
    say(event)
    CheckoutSession.objects.update(state="NEEDS_ATTENTION", error="nobody answers", due_at=None)
    assert [*checkout_violations()] == []
