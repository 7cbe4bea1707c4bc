"""What a customer is told about a checkout at every moment of it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from ordering.checkout.models import CheckoutSession
from ordering.checkout.states import CheckoutState
from ordering.checkout.wording import FAILED, PROCESSING
from ordering.orders.models import Order
from shop.contracts.ordering import CheckoutView, GetCheckout
from shop.contracts.shopping import CheckedOutCartView
from shop.messaging.bus import ask
from shop.messaging.errors import Missing
from tests.ordering import world as w
from tests.ordering.world import World, say, start

pytestmark = pytest.mark.django_db


def view(session: UUID) -> CheckoutView:
    answer: CheckoutView = ask(GetCheckout(checkout_session_id=session))
    return answer


def test_before_the_saga_has_started_it_is_being_processed(world: World) -> None:
    session, cart = uuid7(), uuid7()
    world.carts[session] = CheckedOutCartView(cart_id=cart, customer_id=uuid7(), checked_out_at=datetime.now(UTC))
    answer = view(session)
    assert (answer.status, answer.cart_id, answer.reason, answer.order_id) == ("PROCESSING", cart, None, None)


def test_a_session_nobody_knows_is_missing(world: World) -> None:
    with pytest.raises(Missing) as refusal:
        view(uuid7())
    assert refusal.value.code == "checkout_not_found"


def test_every_step_has_its_sentence(world: World) -> None:
    session = start()
    assert view(session.id).message == "We are reserving your items."
    say(w.reserved(session))
    assert view(session.id).message == "We are confirming your payment."
    world.orders_are_deaf = True
    say(w.authorized(session))
    answer = view(session.id)
    assert (answer.status, answer.order_id) == ("PROCESSING", None)
    assert answer.message == "Your payment is confirmed. We are creating your order."


def test_completed_names_the_order(world: World) -> None:
    session = start()
    say(w.reserved(session))
    say(w.authorized(session))
    answer = view(session.id)
    order = Order.objects.get()
    assert (answer.status, answer.order_id, answer.confirmation_number, answer.reason) == (
        "COMPLETED", order.id, order.confirmation_number, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (w.unavailable, "OUT_OF_STOCK"),
        (w.failed, "PAYMENT_DECLINED"),
        (lambda session: w.failed(session, fraud=True), "FRAUD"),
    ],
)
def test_failed_says_why_and_nothing_it_should_not(world: World, reply: Any, reason: str) -> None:
    session = start()
    if reason != "OUT_OF_STOCK":
        say(w.reserved(session))
    say(reply(session))
    if reason != "OUT_OF_STOCK":
        assert view(session.id).status == "PROCESSING", "not failed before everything has been given back"
        say(w.released(session))
    answer = view(session.id)
    assert (answer.status, answer.reason, answer.order_id) == ("FAILED", reason, None)
    assert "fraud" not in answer.message.lower()
    assert "not been charged" in answer.message


def test_a_parked_checkout_is_delayed(world: World) -> None:
    session = start()
    CheckoutSession.objects.update(state="NEEDS_ATTENTION", error="boom at 0xdeadbeef", due_at=None)
    answer = view(session.id)
    assert answer.status == "DELAYED"
    assert "boom" not in answer.message


def test_every_state_and_reason_has_words() -> None:
    told_otherwise = {"COMPLETED", "ABORTED", "NEEDS_ATTENTION"}
    assert set(PROCESSING) == set(CheckoutState.values) - told_otherwise
    assert set(FAILED) == {
        "OUT_OF_STOCK", "PAYMENT_DECLINED", "FRAUD", "TIMED_OUT", "CANCELLED_BY_OPERATOR", "ERROR",
    }  # fmt: skip
