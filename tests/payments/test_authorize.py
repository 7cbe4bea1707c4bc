"""Authorising: one hold per payment whatever the provider does, and every refusal with its reason."""

import pytest

from payments.models import FraudCheck, PaymentAuthorization, ProviderCall
from payments.states import PaymentStatus
from tests.payments.shop import Shop

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_money_is_held_and_said_so(shop: Shop) -> None:
    payment = shop.authorize()
    authorization = PaymentAuthorization.objects.get(payment=payment)
    (intent,) = shop.intents(payment.id)
    assert payment.status == PaymentStatus.AUTHORIZED
    assert (authorization.status, authorization.amount, authorization.currency) == ("HELD", 2500, "EUR")
    assert authorization.capture_before is not None
    assert intent["id"] == payment.intent_id == authorization.provider_intent_id
    assert intent["status"] == "requires_capture"
    assert shop.facts(payment.id) == {"PaymentRequested": 1, "FraudCheckPassed": 1, "PaymentAuthorized": 1}
    fact = shop.fact(payment.id, "PaymentAuthorized")
    assert fact["fraudVerdict"] == "pass"
    assert fact["paymentAuthorizationId"] == str(authorization.id)
    assert fact["processorReference"] == intent["id"]
    assert fact["checkoutSessionId"] == str(payment.checkout_session_id)
    assert fact["orderId"] == str(payment.order_id)
    assert ProviderCall.objects.get(payment_id=payment.id).idempotency_key == f"authorize:{payment.id}:1"
    assert payment.ask_again_at is None


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("pm_card_chargeDeclined", "CARD_DECLINED"),
        ("pm_card_chargeDeclinedInsufficientFunds", "INSUFFICIENT_FUNDS"),
        ("pm_card_chargeDeclinedExpiredCard", "EXPIRED_CARD"),
        ("pm_card_chargeDeclinedProcessingError", "PROCESSING_ERROR"),
        ("pm_no_such_card", "PROCESSING_ERROR"),
    ],
)
def test_a_decline_fails_the_payment_with_its_reason(shop: Shop, card: str, reason: str) -> None:
    payment = shop.authorize(payment_method_id=card)
    assert (payment.status, payment.failure_reason) == (PaymentStatus.FAILED, reason)
    assert payment.message
    fact = shop.fact(payment.id, "PaymentFailed")
    assert fact["reason"] == reason
    assert "fraud" not in fact
    assert shop.held() == 0


def test_fraud_refused_fails_the_payment_and_gives_the_hold_back(shop: Shop) -> None:
    shop.sandbox.set_verdict("refuse", reason="VELOCITY")
    payment = shop.authorize()
    assert payment.status == PaymentStatus.FAILED
    assert shop.held() == 0
    assert shop.intents(payment.id)[0]["status"] == "canceled"
    assert PaymentAuthorization.objects.get(payment=payment).status == "RELEASED"
    assert shop.fact(payment.id, "PaymentFailed")["fraud"] is True
    assert shop.fact(payment.id, "FraudCheckFailed")["reason"] == "VELOCITY"
    assert "PaymentAuthorized" not in shop.facts(payment.id)


def test_fraud_review_authorises_and_says_that_a_person_must_look(shop: Shop) -> None:
    shop.sandbox.set_verdict("review")
    payment = shop.authorize()
    assert payment.status == PaymentStatus.AUTHORIZED
    assert shop.fact(payment.id, "PaymentAuthorized")["fraudVerdict"] == "review"
    assert "FraudCheckPassed" not in shop.facts(payment.id)


def test_without_the_fraud_service_a_person_decides(shop: Shop) -> None:
    shop.sandbox.add_fault("down", service="fraud")
    payment = shop.authorize()
    assert shop.fact(payment.id, "PaymentAuthorized")["fraudVerdict"] == "review"
    assert FraudCheck.objects.get(payment=payment).reason == "UNAVAILABLE"


def test_without_the_fraud_service_the_setting_may_refuse(shop: Shop, settings) -> None:
    settings.FRAUD_UNAVAILABLE_VERDICT = "refuse"
    shop.sandbox.add_fault("status", service="fraud", status=500)
    payment = shop.authorize()
    assert payment.status == PaymentStatus.FAILED
    assert shop.held() == 0


def test_held_and_then_timed_out_ends_authorised_with_one_hold(shop: Shop) -> None:
    shop.sandbox.add_fault("execute_then_timeout", service="stripe", operation="create", times=1)
    payment = shop.authorize()
    assert payment.status == PaymentStatus.UNKNOWN
    assert payment.last_error
    assert payment.ask_again_at is not None
    shop.work_to_the_end()
    assert shop.payment(payment.id).status == PaymentStatus.AUTHORIZED
    assert len(shop.intents(payment.id)) == 1
    assert shop.held() == 2500
    assert shop.facts(payment.id)["PaymentAuthorized"] == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"effect": "status", "status": 500, "stored": False},
        {"effect": "status", "status": 500, "stored": True},
        {"effect": "status", "status": 500, "stored": True, "execute": True},
        {"effect": "status", "status": 429},
        {"effect": "status", "status": 409},
        {"effect": "status", "status": 401},
        {"effect": "slow", "seconds": 1.5},
        {"effect": "drop"},
        {"effect": "down"},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_a_provider_in_trouble_delays_the_hold_and_never_doubles_it(shop: Shop, fault: dict) -> None:
    shop.sandbox.add_fault(**fault, service="stripe", operation="create", times=2)
    payment = shop.authorize()
    assert payment.status in (PaymentStatus.UNKNOWN, PaymentStatus.REQUESTED)
    shop.work_to_the_end()
    assert shop.payment(payment.id).status == PaymentStatus.AUTHORIZED
    assert shop.held() == 2500
    assert [intent["status"] for intent in shop.intents(payment.id)] == ["requires_capture"]
    assert shop.facts(payment.id)["PaymentAuthorized"] == 1


def test_the_same_command_again_answers_again_and_holds_nothing_more(shop: Shop) -> None:
    command = shop.command()
    shop.tell(command, command)
    shop.work_to_the_end()
    shop.tell(command)
    assert command.payment_id
    assert shop.payment(command.payment_id).status == PaymentStatus.AUTHORIZED
    assert shop.held() == 2500
    facts = shop.facts(command.payment_id)
    assert facts["PaymentRequested"] == 1
    assert facts["PaymentAuthorized"] >= 2


def test_another_payment_under_the_same_id_changes_nothing(shop: Shop) -> None:
    payment = shop.authorize()
    shop.tell(shop.command(payment_id=payment.id, order_id=payment.order_id, amount=9900))
    after = shop.payment(payment.id)
    assert (after.amount, after.version) == (2500, payment.version)
    assert shop.held() == 2500


def test_nothing_due_is_authorised_without_asking_anybody(shop: Shop) -> None:
    payment = shop.authorize(amount=0)
    assert payment.status == PaymentStatus.AUTHORIZED
    assert shop.intents(payment.id) == []
    assert shop.facts(payment.id) == {"PaymentRequested": 1, "PaymentAuthorized": 1}


def test_without_a_payment_method_the_payment_fails(shop: Shop, settings) -> None:
    settings.STRIPE_DEFAULT_PAYMENT_METHOD = ""
    payment = shop.authorize(payment_method_id=None)
    assert (payment.status, payment.failure_reason) == (PaymentStatus.FAILED, "PROCESSING_ERROR")


def test_a_key_older_than_23_hours_is_never_posted_again(shop: Shop) -> None:
    shop.sandbox.add_fault("execute_then_timeout", service="stripe", operation="create", times=1)
    payment = shop.authorize()
    shop.make_old(payment.id, hours=24)
    shop.sandbox.forget_idempotency_keys()
    shop.work_to_the_end()
    assert shop.payment(payment.id).status == PaymentStatus.AUTHORIZED
    assert len(shop.intents(payment.id)) == 1
    assert shop.held() == 2500


def test_a_forgotten_key_under_which_nothing_was_held_fails_the_payment(shop: Shop) -> None:
    shop.sandbox.add_fault("down", service="stripe", operation="create", times=1)
    payment = shop.authorize()
    shop.make_old(payment.id, hours=24)
    shop.work_to_the_end()
    assert shop.payment(payment.id).status == PaymentStatus.FAILED
    assert shop.intents(payment.id) == []
