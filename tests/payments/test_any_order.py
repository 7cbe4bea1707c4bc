"""Whatever order things happen in, and whatever goes wrong: the ledgers end equal, with at most one live hold."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.gateways.reading import intent_of
from payments.invariants import check, compare_with_provider
from payments.models import PaymentAuthorization
from payments.states import UNDECIDED
from shop.contracts.ordering.checkout import AuthorizePayment
from shop.contracts.payments import CapturePayment, ReconcilePayments
from tests.payments.post import event_about, post
from tests.payments.shop import Shop, void_of

pytestmark = pytest.mark.django_db(transaction=True)

TYPES = {
    "requires_capture": "payment_intent.amount_capturable_updated",
    "succeeded": "payment_intent.succeeded",
    "canceled": "payment_intent.canceled",
}
EFFECTS = ("execute_then_timeout", "drop", "status")
Step = Callable[[Shop, AuthorizePayment], None]


def authorize(shop: Shop, command: AuthorizePayment) -> None:
    shop.say(command)


def void(shop: Shop, command: AuthorizePayment) -> None:
    assert command.payment_id
    shop.say(void_of(command.payment_id, command.order_id))


def capture(shop: Shop, command: AuthorizePayment) -> None:
    assert command.payment_id
    assert command.order_id
    shop.say(CapturePayment(payment_id=command.payment_id, order_id=command.order_id))


def webhook(shop: Shop, command: AuthorizePayment) -> None:
    assert command.payment_id
    for intent in shop.intents(command.payment_id):
        if intent["status"] in TYPES:
            post(event_about(intent, TYPES[intent["status"]]))


def trouble(shop: Shop, command: AuthorizePayment) -> None:
    for operation in ("create", "cancel", "capture"):
        effect = Random(str(command.payment_id)).choice(EFFECTS)
        shop.sandbox.add_fault(effect, service="stripe", operation=operation, times=1)


def deliver(shop: Shop, command: AuthorizePayment) -> None:
    shop.work()


STEPS: dict[str, Step] = {step.__name__: step for step in (authorize, void, capture, webhook, trouble, deliver)}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), min_size=2, max_size=8))
def test_any_order_of_events_ends_in_agreement(shop: Shop, steps: list[str]) -> None:
    shop.sandbox.clear_faults()
    command = shop.command()
    assert command.payment_id
    for step in ["authorize", *steps]:
        STEPS[step](shop, command)
    shop.sandbox.clear_faults()
    shop.say(ReconcilePayments())
    shop.work_to_the_end()
    payment = shop.payment(command.payment_id)
    live = [intent for intent in shop.intents(payment.id) if intent["status"] == "requires_capture"]
    theirs = [intent_of(intent) for intent in shop.sandbox.ledger("stripe")["intents"]]
    assert len(live) == (1 if payment.status == "AUTHORIZED" else 0)
    assert payment.status not in UNDECIDED
    assert ("void" in steps) <= (payment.status in {"VOIDED", "SUCCEEDED", "FAILED"})
    assert list(compare_with_provider(theirs)) == []
    assert list(check()) == []
    assert PaymentAuthorization.objects.filter(payment=payment).count() <= 1
