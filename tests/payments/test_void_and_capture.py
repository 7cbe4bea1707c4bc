"""Voiding before, during and after; capturing once. Whoever wins, at most one of the two happens."""

import pytest

from payments.authorising import authorize_payment
from payments.models import PaymentAuthorization
from payments.states import PaymentStatus
from shop.messaging.delivery.outside import deliver_outside
from shop.messaging.routing import route
from tests.payments.shop import Shop, confirmation_of, void_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_voiding_gives_the_hold_back(shop: Shop) -> None:
    payment = shop.void(shop.authorize().id)
    assert payment.status == PaymentStatus.VOIDED
    assert shop.held() == 0
    assert PaymentAuthorization.objects.get(payment=payment).status == "RELEASED"
    fact = shop.fact(payment.id, "AuthorizationVoided")
    assert (fact["reason"], fact["checkoutSessionId"]) == ("checkout aborted", str(payment.checkout_session_id))


def test_voiding_twice_answers_twice_and_does_nothing_more(shop: Shop) -> None:
    payment = shop.void(shop.authorize().id)
    again = shop.void(payment.id)
    assert again.status == PaymentStatus.VOIDED
    assert shop.facts(payment.id)["AuthorizationVoided"] == 2
    assert shop.sandbox.requests()["stripe"]["cancel"]["total"] == 1


def test_a_void_that_comes_first_leaves_a_tombstone_for_the_late_authorisation(shop: Shop) -> None:
    command = shop.command()
    assert command.payment_id
    assert command.order_id
    tombstone = shop.void(command.payment_id, command.order_id)
    assert tombstone.status == PaymentStatus.VOIDED
    assert shop.facts(command.payment_id) == {"AuthorizationVoided": 1}
    shop.tell(command)
    assert shop.intents(command.payment_id) == []
    assert shop.facts(command.payment_id) == {"AuthorizationVoided": 1, "PaymentFailed": 1}
    assert "create" not in shop.sandbox.requests().get("stripe", {})


def test_both_in_one_batch_never_leave_a_hold(shop: Shop) -> None:
    command = shop.command()
    assert command.payment_id
    shop.tell(command, void_of(command.payment_id, command.order_id))
    shop.work_to_the_end()
    assert shop.payment(command.payment_id).status == PaymentStatus.VOIDED
    assert shop.held() == 0


def test_a_void_of_an_unknown_outcome_finds_the_hold_and_releases_it(shop: Shop) -> None:
    shop.sandbox.add_fault("execute_then_timeout", service="stripe", operation="create", times=1)
    payment = shop.authorize()
    assert (payment.status, shop.held()) == (PaymentStatus.UNKNOWN, 2500)
    payment = shop.void(payment.id)
    assert payment.status == PaymentStatus.VOIDED
    shop.work_to_the_end()
    assert shop.held() == 0
    assert shop.payment(payment.id).ask_again_at is None
    assert "PaymentAuthorized" not in shop.facts(payment.id)


def test_a_void_of_an_unknown_outcome_that_held_nothing_looks_once_more_later(shop: Shop) -> None:
    shop.sandbox.add_fault("down", service="stripe", operation="create")
    payment = shop.void(shop.authorize().id)
    assert payment.status == PaymentStatus.VOIDED
    assert payment.ask_again_at is not None
    shop.sandbox.clear_faults()
    shop.work_to_the_end()
    assert shop.payment(payment.id).ask_again_at is None
    assert shop.intents(payment.id) == []


def test_a_hold_that_turns_up_after_the_void_is_released(shop: Shop) -> None:
    """The void commits while the authorisation is on its way; its answer then finds a voided payment."""
    command = shop.command()
    assert command.payment_id
    shop.sandbox.add_fault("slow", service="stripe", operation="create", seconds=0.8, times=1)
    with shop.in_background(lambda: deliver_outside(route(authorize_payment)), say=[command]) as started:
        started()
        assert shop.void(command.payment_id, command.order_id).status == PaymentStatus.VOIDED
    shop.work_to_the_end()
    assert shop.payment(command.payment_id).status == PaymentStatus.VOIDED
    assert shop.intents(command.payment_id)[0]["status"] == "canceled"
    assert shop.held() == 0
    assert "PaymentAuthorized" not in shop.facts(command.payment_id)


@pytest.mark.parametrize(
    "fault",
    [
        {"effect": "execute_then_timeout"},
        {"effect": "status", "status": 500},
        {"effect": "status", "status": 500, "execute": True},
        {"effect": "status", "status": 429},
        {"effect": "down"},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_a_void_the_provider_does_not_answer_is_repeated_until_it_does(shop: Shop, fault: dict) -> None:
    payment = shop.authorize()
    shop.sandbox.add_fault(**fault, service="stripe", operation="cancel", times=2)
    shop.void(payment.id)
    shop.work_to_the_end()
    assert shop.payment(payment.id).status == PaymentStatus.VOIDED
    assert shop.held() == 0


def test_capturing_takes_the_money_once(shop: Shop) -> None:
    payment = shop.capture(shop.authorize())
    assert (payment.status, payment.captured_amount) == (PaymentStatus.SUCCEEDED, 2500)
    assert PaymentAuthorization.objects.get(payment=payment).status == "CAPTURED"
    fact = shop.fact(payment.id, "PaymentSucceeded")
    assert (fact["amount"], fact["processorReference"]) == (2500, payment.intent_id)
    shop.capture(payment)
    assert shop.sandbox.requests()["stripe"]["capture"]["total"] == 1
    assert shop.sandbox.ledger("stripe")["totals"]["eur"]["captured"] == 2500


def test_a_confirmed_order_is_captured(shop: Shop) -> None:
    payment = shop.authorize()
    shop.tell(confirmation_of(payment))
    assert shop.payment(payment.id).status == PaymentStatus.SUCCEEDED


def test_capture_waits_for_the_parcel_where_the_setting_says_so(shop: Shop, settings) -> None:
    settings.PAYMENTS_CAPTURE_ON = "shipped"
    payment = shop.authorize()
    shop.tell(confirmation_of(payment))
    assert shop.payment(payment.id).status == PaymentStatus.AUTHORIZED


def test_nothing_due_is_captured_and_voided_without_asking_anybody(shop: Shop) -> None:
    captured = shop.capture(shop.authorize(amount=0))
    voided = shop.void(shop.authorize(amount=0).id)
    assert (captured.status, voided.status) == (PaymentStatus.SUCCEEDED, PaymentStatus.VOIDED)
    assert shop.fact(captured.id, "PaymentSucceeded")["amount"] == 0
    assert shop.sandbox.requests()["stripe"] == {}


@pytest.mark.parametrize(
    "fault",
    [
        {"effect": "execute_then_timeout"},
        {"effect": "status", "status": 500},
        {"effect": "status", "status": 500, "execute": True},
        {"effect": "status", "status": 429},
        {"effect": "status", "status": 402, "code": "generic_decline"},
        {"effect": "drop"},
        {"effect": "down"},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_a_capture_the_provider_does_not_answer_is_repeated_and_never_doubled(shop: Shop, fault: dict) -> None:
    payment = shop.authorize()
    shop.sandbox.add_fault(**fault, service="stripe", operation="capture", times=2)
    shop.capture(payment)
    shop.work_to_the_end()
    assert shop.payment(payment.id).status == PaymentStatus.SUCCEEDED
    assert shop.sandbox.ledger("stripe")["totals"]["eur"]["captured"] == 2500
    assert shop.facts(payment.id)["PaymentSucceeded"] == 1


def test_what_is_voided_is_never_captured(shop: Shop) -> None:
    payment = shop.void(shop.authorize().id)
    shop.capture(payment)
    assert shop.payment(payment.id).captured_amount == 0
    assert "capture" not in shop.sandbox.requests()["stripe"]


def test_a_wish_to_void_that_is_not_fulfilled_yet_forbids_the_capture(shop: Shop) -> None:
    payment = shop.authorize()
    shop.sandbox.add_fault("down", service="stripe", operation="cancel")
    shop.void(payment.id)
    shop.capture(payment)
    assert "capture" not in shop.sandbox.requests()["stripe"]
    shop.sandbox.clear_faults()
    shop.work_to_the_end()
    assert shop.payment(payment.id).status == PaymentStatus.VOIDED


def test_what_is_captured_is_not_voided(shop: Shop) -> None:
    payment = shop.void(shop.capture(shop.authorize()).id)
    assert payment.status == PaymentStatus.SUCCEEDED
    assert "AuthorizationVoided" not in shop.facts(payment.id)
