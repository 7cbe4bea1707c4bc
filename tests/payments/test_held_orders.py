"""Nothing is captured while an order is held, whoever asks and however often."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from payments.models import Payment
from shop.contracts.ordering.events import OrderHoldReleased
from shop.contracts.payments import CapturePayment, ReconcilePayments
from shop.messaging.bus import execute
from shop.messaging.errors import Refused
from tests.payments.board import ON_HOLD
from tests.payments.shop import Shop, confirmation_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nobody_is_held() -> Iterator[None]:
    yield
    ON_HOLD.clear()


def released(order_id: UUID, payment: Payment) -> OrderHoldReleased:
    return OrderHoldReleased.model_validate(
        {
            "order_id": order_id, "hold_id": uuid7(), "previous_reason": "FRAUD_REVIEW", "resolution": "fine",
            "released_by": "staff:ada", "next_status": "CONFIRMED", "released_at": payment.requested_at,
        }
    )  # fmt: skip


def test_a_held_orders_money_waits_for_the_release(shop: Shop) -> None:
    payment = shop.authorize()
    ON_HOLD.add(payment.order_id)
    shop.tell(confirmation_of(payment))
    assert shop.payment(payment.id).status == "AUTHORIZED"
    with pytest.raises(Refused) as refusal:
        execute(CapturePayment(payment_id=payment.id, order_id=payment.order_id))
    assert refusal.value.code == "order_on_hold"
    ON_HOLD.clear()
    shop.tell(released(payment.order_id, payment))
    assert shop.payment(payment.id).status == "SUCCEEDED"


def test_a_capture_that_nobody_heard_of_is_looked_for_and_not_repeated(shop: Shop) -> None:
    payment = shop.authorize()
    shop.sandbox.add_fault("status", operation="capture", status=500, times=1)
    shop.tell(confirmation_of(payment))
    ON_HOLD.add(payment.order_id)
    shop.work_to_the_end()
    execute(ReconcilePayments())
    shop.work_to_the_end()
    held = shop.payment(payment.id)
    assert (held.status, held.capture_requested, held.ask_again_at) == ("AUTHORIZED", False, None)
    ON_HOLD.clear()
    shop.tell(released(payment.order_id, payment))
    assert shop.payment(payment.id).status == "SUCCEEDED"


def test_a_capture_that_worked_and_was_not_answered_counts_also_for_a_held_order(shop: Shop) -> None:
    payment = shop.authorize()
    shop.sandbox.add_fault("status", operation="capture", status=500, execute=True, times=1)
    shop.tell(confirmation_of(payment))
    ON_HOLD.add(payment.order_id)
    shop.work_to_the_end()
    assert shop.payment(payment.id).status == "SUCCEEDED"
