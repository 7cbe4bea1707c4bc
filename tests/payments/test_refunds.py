"""Refunds: whole or in parts, never more than was captured, never twice."""

import threading
from uuid import UUID

import pytest
from django.db import connections
from uuid_utils.compat import uuid7

from payments.models import Payment, Refund
from shop.contracts.payments import RefundPayment
from shop.messaging.bus import execute
from shop.messaging.doorbell import listening
from shop.messaging.errors import Missing, Refused
from tests.payments.post import event_about, post
from tests.payments.shop import Shop

pytestmark = pytest.mark.django_db(transaction=True)


def refund(shop: Shop, payment: Payment, amount: int | None = None) -> Refund:
    with listening():
        view = execute(RefundPayment(payment_id=payment.id, amount=amount, reason="damaged"))
    shop.work()
    return Refund.objects.get(id=view.refund_id)


def returned(shop: Shop) -> int:
    sums = shop.sandbox.ledger("stripe")["totals"]["eur"]
    return sums["refunded"] - sums["refunds_reversed"]


def test_a_whole_refund(shop: Shop) -> None:
    payment = shop.capture(shop.authorize())
    made = refund(shop, payment)
    assert (made.status, made.amount, made.requested_by) == ("PROCESSED", 2500, "system")
    assert shop.payment(payment.id).refunded_amount == returned(shop) == 2500
    facts = shop.facts(payment.id)
    assert (facts["RefundRequested"], facts["RefundProcessed"]) == (1, 1)
    assert shop.fact(payment.id, "RefundProcessed")["refundId"] == str(made.id)


def test_refunds_in_parts_never_exceed_what_was_captured(shop: Shop) -> None:
    payment = shop.capture(shop.authorize())
    refund(shop, payment, 1000)
    refund(shop, payment, 1499)
    with pytest.raises(Refused) as refused:
        refund(shop, payment, 2)
    assert (refused.value.code, refused.value.data) == ("refund_too_large", {"left": 1})
    refund(shop, payment)
    with pytest.raises(Refused, match="Nothing captured is left"):
        refund(shop, payment)
    assert shop.payment(payment.id).refunded_amount == returned(shop) == 2500


def test_a_refund_under_way_counts(shop: Shop) -> None:
    payment = shop.capture(shop.authorize())
    shop.sandbox.add_fault("down", service="stripe", operation="refund")
    assert refund(shop, payment, 2000).status == "REQUESTED"
    with pytest.raises(Refused):
        refund(shop, payment, 501)
    assert refund(shop, payment, 500).status == "REQUESTED"
    shop.sandbox.clear_faults()
    shop.work_to_the_end()
    assert shop.payment(payment.id).refunded_amount == returned(shop) == 2500


def test_only_captured_money_is_refunded(shop: Shop) -> None:
    with pytest.raises(Refused):
        refund(shop, shop.authorize())
    with pytest.raises(Missing):
        execute(RefundPayment(payment_id=uuid7(), reason="x"))
    assert Refund.objects.count() == 0


@pytest.mark.parametrize(
    "fault",
    [
        {"effect": "execute_then_timeout"},
        {"effect": "status", "status": 500},
        {"effect": "status", "status": 500, "execute": True},
        {"effect": "status", "status": 429},
        {"effect": "drop"},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_a_refund_the_provider_does_not_answer_is_made_once(shop: Shop, fault: dict) -> None:
    payment = shop.capture(shop.authorize())
    shop.sandbox.add_fault(**fault, service="stripe", operation="refund", times=1)
    made = refund(shop, payment, 700)
    shop.work_to_the_end()
    made = Refund.objects.get(id=made.id)
    if fault == {"effect": "status", "status": 500}:
        # The provider keeps this error under the key, and made no refund: it failed, and may be asked for anew.
        assert (made.status, returned(shop)) == ("FAILED", 0)
    else:
        assert (made.status, returned(shop)) == ("PROCESSED", 700)
    assert shop.payment(payment.id).refunded_amount == returned(shop)


def test_a_refund_that_the_bank_returns_is_left_to_refund_again(shop: Shop) -> None:
    payment = shop.capture(shop.authorize())
    made = refund(shop, payment, 900)
    with shop.webhooks_to(post_through=post):
        assert made.provider_refund_id
        shop.sandbox.move_refund(made.provider_refund_id, "failed")
    assert Refund.objects.get(id=made.id).status == "FAILED"
    assert shop.payment(payment.id).refunded_amount == returned(shop) == 0
    assert refund(shop, payment).amount == 2500


def test_a_late_webhook_about_a_refund_changes_nothing(shop: Shop) -> None:
    payment = shop.capture(shop.authorize())
    made = refund(shop, payment, 900)
    (theirs,) = shop.sandbox.ledger("stripe")["refunds"]
    for kind in ("refund.created", "refund.updated", "refund.created"):
        post(event_about(theirs, kind))
    shop.work()
    assert Refund.objects.get(id=made.id).status == "PROCESSED"
    assert shop.facts(payment.id)["RefundProcessed"] == 1


def test_the_same_command_message_makes_one_refund(shop: Shop) -> None:
    payment = shop.capture(shop.authorize())
    shop.tell(RefundPayment(payment_id=payment.id, amount=300, reason="late"))
    made = Refund.objects.get()
    assert isinstance(made.id, UUID)
    shop.deliver_again("payments.refund_payment", "payments.process_refund_when_refund_requested")
    assert Refund.objects.count() == 1
    assert returned(shop) == 300


def test_many_refunds_at_once_return_the_money_once(shop: Shop) -> None:
    payment = shop.capture(shop.authorize())
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def ask() -> None:
        try:
            start.wait()
            with listening():
                execute(RefundPayment(payment_id=payment.id, amount=2500, reason="damaged"))
            outcomes.append("made")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shop.work_to_the_end()
    assert sorted(outcomes) == ["made"] + ["nothing_to_refund"] * 7
    assert Refund.objects.count() == 1
    assert shop.payment(payment.id).refunded_amount == returned(shop) == 2500
