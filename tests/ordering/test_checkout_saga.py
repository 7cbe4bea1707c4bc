"""Every branch of the checkout saga, told from outside: facts in, commands and facts out."""

import pytest

from ordering.checkout.models import CheckoutAttempt, CheckoutSession
from ordering.checkout.saga import Checkout
from ordering.orders.models import Order
from shop.contracts.fulfilment.inventory import ReleaseInventory
from shop.contracts.ordering import (
    AuthorizePayment,
    CheckoutAborted,
    CheckoutCompleted,
    CreateOrder,
    OrderConfirmed,
    OrderCreated,
    OrderPlacedOnHold,
    ReserveInventory,
)
from shop.contracts.payments import VoidAuthorization
from shop.messaging.context import acting
from shop.messaging.models import Delivery
from shop.messaging.saga import operations
from tests.ordering import world as w
from tests.ordering.factories import cart_checked_out
from tests.ordering.world import (
    World,
    authorized,
    failed,
    let_patience_end,
    released,
    reserved,
    said,
    say,
    session_of,
    settle,
    start,
)

pytestmark = pytest.mark.django_db


def test_reserve_authorise_create(world: World) -> None:
    event = cart_checked_out()
    say(event)
    session = session_of(event)
    assert session.id == event.checkout_session_id
    assert session.state == "RESERVING_INVENTORY"
    reserve = world.last(ReserveInventory)
    assert (reserve.reservation_id, reserve.order_id, reserve.cart_id) == (
        session.reservation_id, session.order_id, session.cart_id,
    )  # fmt: skip
    assert [(item.product_id, item.quantity) for item in reserve.items] == [
        (line.product_id, line.quantity) for line in event.items
    ]

    say(reserved(session))
    pay = world.last(AuthorizePayment)
    assert (pay.payment_id, pay.amount, pay.currency, pay.payment_method_id) == (
        session.payment_id, 3_000, "EUR", "pm_card",
    )  # fmt: skip

    say(authorized(session))
    session.refresh_from_db()
    assert session.state == "COMPLETED"
    assert session.finished_at is not None
    assert session.due_at is None
    order = Order.objects.get(checkout_session_id=session.id)
    assert order.id == session.order_id
    assert (order.subtotal, order.discount, order.total) == (3_500, 500, 3_000)
    assert order.payment_authorization_id == "auth_1"
    assert (order.reservation_id, order.payment_id) == (session.reservation_id, session.payment_id)
    assert order.delivery_address["city"] == "Berlin"
    assert order.lifecycle_status == "CONFIRMED"
    (completed,) = said(CheckoutCompleted)
    assert completed.order_id == order.id
    assert len(said(OrderConfirmed)) == 1
    assert list(CheckoutAttempt.objects.order_by("id").values_list("step", "outcome")) == [
        ("ReserveInventory", "done"), ("AuthorizePayment", "done"), ("CreateOrder", "done"),
    ]  # fmt: skip


def test_a_cart_checked_out_twice_is_one_checkout(world: World) -> None:
    event = cart_checked_out()
    say(event)
    say(event)
    say(cart_checked_out(cart_id=event.cart_id))
    assert CheckoutSession.objects.count() == 1
    assert world.count(ReserveInventory) == 1


def test_out_of_stock_aborts_with_nothing_to_undo(world: World) -> None:
    session = start()
    say(w.unavailable(session))
    session.refresh_from_db()
    assert (session.state, session.reason) == ("ABORTED", "OUT_OF_STOCK")
    assert world.count(ReleaseInventory) == 0
    (aborted,) = said(CheckoutAborted)
    assert (aborted.reason, aborted.cart_id) == ("OUT_OF_STOCK", session.cart_id)
    assert not Order.objects.exists()


@pytest.mark.parametrize(("fraud", "reason"), [(False, "PAYMENT_DECLINED"), (True, "FRAUD")])
def test_a_failed_payment_gives_the_stock_back(world: World, fraud: bool, reason: str) -> None:
    session = start()
    say(reserved(session))
    say(failed(session, fraud=fraud))
    session.refresh_from_db()
    assert (session.state, session.reason) == ("COMPENSATING", reason)
    assert not said(CheckoutAborted)
    assert world.last(ReleaseInventory).reservation_id == session.reservation_id
    assert world.count(VoidAuthorization) == 0
    say(released(session))
    session.refresh_from_db()
    assert session.state == "ABORTED"
    assert session.due_at is None
    assert [aborted.reason for aborted in said(CheckoutAborted)] == [reason]
    assert not Order.objects.exists()


def test_a_verdict_of_review_creates_the_order_on_hold(world: World) -> None:
    session = start()
    say(reserved(session))
    say(authorized(session, verdict="review"))
    assert Order.objects.get().lifecycle_status == "ON_HOLD"
    assert [hold.reason for hold in said(OrderPlacedOnHold)] == ["FRAUD_REVIEW"]
    assert not said(OrderConfirmed)
    session.refresh_from_db()
    assert session.state == "COMPLETED"


def test_silence_is_asked_again_with_the_same_ids_and_then_undone(world: World) -> None:
    session = start()
    say(reserved(session))
    first = world.last(AuthorizePayment)
    let_patience_end(session)
    let_patience_end(session)
    assert world.count(AuthorizePayment) == 3
    assert world.last(AuthorizePayment) == first
    let_patience_end(session)
    assert (session.state, session.reason) == ("COMPENSATING", "TIMED_OUT")
    assert world.last(VoidAuthorization).payment_id == session.payment_id
    assert world.last(ReleaseInventory).reservation_id == session.reservation_id
    say(released(session))
    session.refresh_from_db()
    assert session.due_at is not None, "the void is still unanswered, so it still needs its deadline"
    say(w.voided(session))
    session.refresh_from_db()
    assert session.state == "ABORTED"
    assert session.due_at is None


def test_an_answer_to_a_repeated_question_counts_once(world: World) -> None:
    session = start()
    let_patience_end(session)
    say(reserved(session), reserved(session))
    assert world.count(AuthorizePayment) == 1
    say(authorized(session), authorized(session))
    assert Order.objects.count() == 1
    assert len(said(CheckoutCompleted)) == 1


def test_inventory_unavailable_after_the_reservation_is_old_news(world: World) -> None:
    session = start()
    say(reserved(session))
    say(w.unavailable(session))
    session.refresh_from_db()
    assert (session.state, session.reason) == ("AUTHORIZING_PAYMENT", "")
    assert session.due_at is not None


def test_a_late_authorisation_is_voided(world: World) -> None:
    session = start()
    say(reserved(session))
    say(failed(session))
    say(released(session))
    say(authorized(session))
    session.refresh_from_db()
    assert session.state == "ABORTED"
    assert world.last(VoidAuthorization).payment_id == session.payment_id
    say(authorized(session))
    assert world.count(VoidAuthorization) == 1
    say(w.voided(session))
    session.refresh_from_db()
    assert session.state == "ABORTED"
    assert len(said(CheckoutAborted)) == 1
    assert not Order.objects.exists()


def test_a_late_reservation_is_released(world: World) -> None:
    session = start()
    say(w.unavailable(session))
    say(reserved(session))
    assert world.last(ReleaseInventory).reservation_id == session.reservation_id
    assert world.count(AuthorizePayment) == 0


def test_a_reservation_that_lapses_on_its_own_does_not_stop_the_clock(world: World) -> None:
    session = start()
    say(reserved(session))
    say(released(session))
    session.refresh_from_db()
    assert session.state == "AUTHORIZING_PAYMENT"
    assert session.due_at is not None


def test_order_created_for_a_completed_checkout_changes_nothing(world: World) -> None:
    session = start()
    say(reserved(session))
    say(authorized(session))
    (created,) = said(OrderCreated)
    say(created)
    assert len(said(CheckoutCompleted)) == 1
    assert Order.objects.count() == 1


def test_after_the_pivot_silence_parks_and_asking_again_completes(world: World) -> None:
    session = start()
    say(reserved(session))
    world.orders_are_deaf = True
    say(authorized(session))
    for _ in range(3):
        let_patience_end(session)
    assert world.count(CreateOrder) == 3
    assert (session.state, session.reason, session.due_at) == ("NEEDS_ATTENTION", "", None)
    assert session.error
    assert world.count(ReleaseInventory) == 0
    world.orders_are_deaf = False
    with acting("staff:ada"):
        operations.retry(Checkout, session.pk, reason="the handler was fixed")
    settle()
    session.refresh_from_db()
    assert session.state == "COMPLETED"
    assert Order.objects.count() == 1


def test_an_undo_that_is_never_answered_parks_and_its_late_answer_aborts(world: World) -> None:
    session = start()
    say(reserved(session))
    say(failed(session))
    for _ in range(3):
        let_patience_end(session)
    assert (session.state, session.reason) == ("NEEDS_ATTENTION", "PAYMENT_DECLINED")
    assert session.error
    say(released(session))
    session.refresh_from_db()
    assert session.state == "ABORTED"


def test_no_delivery_of_the_saga_ever_fails(world: World) -> None:
    session = start()
    say(reserved(session), authorized(session), w.voided(session), released(session), failed(session))
    assert not Delivery.objects.exclude(status="done").exists()
