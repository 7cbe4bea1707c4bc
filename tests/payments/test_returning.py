"""Money goes back when its order does, whatever state the payment is in when that is heard, once however often it is said."""

from collections.abc import Callable

import pytest
from django.test import override_settings
from uuid_utils.compat import uuid7

from payments.invariants import check
from payments.models import Payment, Refund
from shop.contracts.fulfilment.decisions import OrderUndeliverable
from shop.contracts.ordering.events import OrderCancelled
from shop.contracts.payments import ApproveRefund, RefundOrder, RefundPayment, RejectRefund, RetryRefund, ReturnDifference
from shop.messaging.bus import execute
from shop.messaging.context import acting
from shop.messaging.errors import Refused
from tests.payments.shop import Shop, confirmation_of, now

pytestmark = pytest.mark.django_db(transaction=True)


def cancelled(payment: Payment) -> OrderCancelled:
    return OrderCancelled(order_id=payment.order_id, reason="CUSTOMER_REQUESTED", cancelled_at=now())


def kept(shop: Shop) -> int:
    """What the provider has taken, holds or not given back, in minor units, by its own ledger."""
    ledger = shop.sandbox.ledger("stripe")
    taken = sum(intent["amount_received"] for intent in ledger["intents"])
    returned = sum(refund["amount"] for refund in ledger["refunds"] if refund["status"] == "succeeded")
    return taken - returned + shop.held()


def _nothing(_shop: Shop) -> Payment:
    return _shop.authorize()


def _captured(_shop: Shop) -> Payment:
    return _shop.capture(_shop.authorize())


def _hold_unknown(_shop: Shop) -> Payment:
    _shop.sandbox.add_fault("execute_then_timeout", service="stripe", operation="create", times=1)
    return _shop.authorize()


def _capture_unknown(_shop: Shop) -> Payment:
    payment = _shop.authorize()
    _shop.sandbox.add_fault("status", service="stripe", operation="capture", status=500, execute=True, times=1)
    return _shop.capture(payment)


@pytest.mark.parametrize("state", [_nothing, _captured, _hold_unknown, _capture_unknown])
def test_all_of_it_goes_back_whatever_was_known(shop: Shop, state: Callable[[Shop], Payment]) -> None:
    payment = state(shop)
    shop.tell(cancelled(payment))
    shop.tell(cancelled(payment))
    shop.work_to_the_end()
    assert kept(shop) == 0
    assert shop.payment(payment.id).status in {"VOIDED", "SUCCEEDED"}
    assert Refund.objects.count() <= 1
    assert [*check()] == []


def test_confirmation_and_cancellation_heard_together_keep_nothing(shop: Shop) -> None:
    payment = shop.authorize()
    shop.say(cancelled(payment), confirmation_of(payment))
    shop.work_to_the_end()
    assert kept(shop) == 0
    assert shop.payment(payment.id).status in {"VOIDED", "SUCCEEDED"}  # whichever was heard first


def test_confirmation_that_comes_after_the_cancellation_takes_nothing(shop: Shop) -> None:
    payment = shop.authorize()
    shop.tell(cancelled(payment))
    shop.tell(confirmation_of(payment))
    shop.work_to_the_end()
    assert (kept(shop), shop.payment(payment.id).status) == (0, "VOIDED")


def test_undeliverable_returns_what_is_left(shop: Shop) -> None:
    payment = shop.capture(shop.authorize())
    execute(RefundPayment(payment_id=payment.id, amount=500, reason="late", refund_type="GOODWILL"))
    fact = OrderUndeliverable(order_id=payment.order_id, reason="LOST", decided_by="staff:ada", decided_at=now())
    shop.tell(fact, fact)
    shop.work_to_the_end()
    assert kept(shop) == 0
    assert sorted(Refund.objects.values_list("kind", "amount")) == [("GOODWILL", 500), ("UNDELIVERABLE", 2_000)]


def difference(payment: Payment, amount: int) -> ReturnDifference:
    return ReturnDifference(order_id=payment.order_id, change_id=uuid7(), amount=amount, because="AMENDMENT")


def test_what_an_order_costs_less_is_refunded_once(shop: Shop) -> None:
    payment = shop.capture(shop.authorize())
    less = difference(payment, 700)
    shop.tell(less, less)
    shop.work_to_the_end()
    assert kept(shop) == 1_800
    assert shop.payment(payment.id).refunded_amount == 700


def test_what_an_order_costs_less_is_not_taken_at_all_when_it_is_only_held(shop: Shop) -> None:
    payment = shop.authorize()
    shop.tell(difference(payment, 700))
    shop.tell(confirmation_of(payment))
    shop.work_to_the_end()
    assert (kept(shop), shop.payment(payment.id).captured_amount, Refund.objects.count()) == (1_800, 1_800, 0)


def test_a_difference_that_is_heard_while_all_of_it_is_being_taken_goes_back(shop: Shop) -> None:
    payment = shop.authorize()
    shop.sandbox.add_fault("status", service="stripe", operation="capture", status=500, execute=True, times=1)
    shop.capture(payment)
    shop.tell(difference(payment, 700))
    shop.work_to_the_end()
    assert (kept(shop), shop.payment(payment.id).captured_amount) == (1_800, 2_500)


@override_settings(REFUND_APPROVAL_ABOVE=1_000)
def test_above_the_limit_a_second_person_decides(shop: Shop) -> None:
    payment = shop.capture(shop.authorize())
    with acting("staff:ada"):
        first = execute(RefundOrder(order_id=payment.order_id, amount=1_001, reason="broken", refund_type="GOODS"))
        (made,) = first.refunds
        shop.work_to_the_end()
        assert (made.needs_approval, kept(shop)) == (True, 2_500)
        with pytest.raises(Refused, match="somebody else"):
            execute(ApproveRefund(refund_id=made.refund_id))
    with acting("staff:bob"):
        for _ in range(2):
            assert execute(ApproveRefund(refund_id=made.refund_id)).needs_approval is None
        with pytest.raises(Refused):
            execute(RejectRefund(refund_id=made.refund_id, reason="no"))
    shop.work_to_the_end()
    assert kept(shop) == 1_499
    with acting("staff:ada"):
        (second,) = execute(RefundOrder(order_id=payment.order_id, amount=1_400, reason="x", refund_type="GOODS")).refunds
        execute(RejectRefund(refund_id=second.refund_id, reason="not ours"))
        with pytest.raises(Refused):
            execute(RetryRefund(refund_id=second.refund_id))
    shop.work_to_the_end()
    assert (kept(shop), Refund.objects.get(pk=second.refund_id).status) == (1_499, "FAILED")


def test_a_failed_refund_is_tried_again_once(shop: Shop) -> None:
    payment = shop.capture(shop.authorize())
    shop.sandbox.add_fault("status", service="stripe", operation="refund", status=500, times=1)
    made = execute(RefundPayment(payment_id=payment.id, amount=700, reason="broken"))
    shop.work_to_the_end()
    assert Refund.objects.get(pk=made.refund_id).status == "FAILED"
    again = execute(RetryRefund(refund_id=made.refund_id))
    assert execute(RetryRefund(refund_id=made.refund_id)).refund_id == again.refund_id
    shop.work_to_the_end()
    assert (kept(shop), Refund.objects.get(pk=again.refund_id).status) == (1_800, "PROCESSED")
    with pytest.raises(Refused):
        execute(RetryRefund(refund_id=again.refund_id))
