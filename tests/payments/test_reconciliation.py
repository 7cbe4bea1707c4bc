"""Nothing is left hanging when mail is lost; and what is wrong is found."""

import pytest
from uuid_utils.compat import uuid7

from payments.gateways import stripe
from payments.gateways.reading import intent_of
from payments.invariants import check, compare_with_provider
from shop.contracts.payments import ReconcilePayments
from shop.messaging.models import Delivery
from shop.messaging.sets import run
from tests.payments.shop import Shop

ANOTHER_HOLD = """
    INSERT INTO payments_paymentauthorization (id, payment_id, provider_intent_id, status, amount, currency)
    SELECT gen_random_uuid(), payment_id, 'pi_2', 'HELD', amount, currency FROM payments_paymentauthorization
"""

pytestmark = pytest.mark.django_db(transaction=True)


def lose_all_mail(shop: Shop) -> None:
    """Whatever was still to be delivered is discarded, and a minute passes."""
    Delivery.objects.exclude(status="done").update(status="discarded", lease=None, leased_until=None)
    run("UPDATE payments_payment SET ask_again_at = ask_again_at - interval '1 hour'")


def violations(shop: Shop) -> list[str]:
    theirs = [intent_of(intent) for intent in shop.sandbox.ledger("stripe")["intents"]]
    return [violation.rule for violation in (*check(), *compare_with_provider(theirs))]


@pytest.mark.parametrize("operation", ["create", "cancel", "capture"])
def test_lost_mail_is_made_up_for(shop: Shop, operation: str) -> None:
    expected = {"create": "AUTHORIZED", "cancel": "VOIDED", "capture": "SUCCEEDED"}[operation]
    if operation == "create":
        shop.sandbox.add_fault("execute_then_timeout", service="stripe", operation=operation, times=1)
    payment = shop.authorize()
    if operation != "create":
        shop.sandbox.add_fault("execute_then_timeout", service="stripe", operation=operation, times=1)
        shop.void(payment.id) if operation == "cancel" else shop.capture(payment)
    lose_all_mail(shop)
    shop.tell(ReconcilePayments())
    shop.work_to_the_end()
    assert shop.payment(payment.id).status == expected
    assert violations(shop) == []


def test_what_is_being_asked_is_left_alone(shop: Shop) -> None:
    shop.sandbox.add_fault("down", service="stripe", operation="create")
    payment = shop.authorize()
    before = shop.payment(payment.id).version
    shop.tell(ReconcilePayments())
    assert shop.payment(payment.id).version == before


def test_a_healthy_ledger_has_no_violations(shop: Shop) -> None:
    shop.capture(shop.authorize())
    shop.void(shop.authorize().id)
    shop.authorize(payment_method_id="pm_card_chargeDeclined")
    shop.capture(shop.authorize(amount=0))
    shop.authorize()
    assert violations(shop) == []


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        ("UPDATE payments_payment SET status = 'VOIDED'", "every authorisation is captured, voided or awaited"),
        ("UPDATE payments_paymentauthorization SET status = 'RELEASED'", "our ledger is the provider's"),
        ("UPDATE payments_payment SET status = 'UNKNOWN'", "no outcome stays unknown without being asked about"),
        (
            "UPDATE payments_payment SET status = 'SUCCEEDED', captured_amount = amount",
            "captured is what the provider captured",
        ),
        ("UPDATE payments_paymentauthorization SET provider_intent_id = 'pi_x'", "our ledger is the provider's"),
        (
            ANOTHER_HOLD,
            "a payment has at most one live hold",
        ),
    ],
)
def test_each_damage_is_found(shop: Shop, damage: str, rule: str) -> None:
    shop.authorize()
    assert violations(shop) == []
    run(damage)
    assert rule in violations(shop)


def test_a_hold_that_we_know_nothing_of_is_found(shop: Shop) -> None:
    stripe.hold(payment_id=uuid7(), order_id=uuid7(), amount=100, currency="EUR", method="pm_card_visa", key="not ours")
    assert violations(shop) == ["our ledger is the provider's"]
