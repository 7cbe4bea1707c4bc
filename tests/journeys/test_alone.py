"""A checkout that travels alone: everything a chain of batches does, in three transactions of one worker."""

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.sandbox import SandboxControl
from ordering.checkout.models import CheckoutAttempt, CheckoutSession
from ordering.orders.models import Order
from payments.models import Payment
from shop.messaging.delivery.drain import drain
from shop.messaging.doorbell import listening
from shop.messaging.invariants import run_all
from shop.messaging.models import Delivery
from shop.messaging.routing import switchboard
from tests.journeys.shop import checked_out

pytestmark = pytest.mark.django_db(transaction=True)

# To the authorisation; with its answer to the order; with the capture's answer to what awaits the warehouse.
TRANSACTIONS = 3
STATEMENTS = 37


def test_from_the_cart_to_the_captured_payment(provider: SandboxControl) -> None:
    with listening():
        session = checked_out()
    with CaptureQueriesContext(connection) as asked:
        drain("ordering", follow=settings.QUEUES)
    sent = [query["sql"] for query in asked.captured_queries]
    work = [sql for sql in sent if sql not in {"BEGIN", "COMMIT"}]
    assert sent.count("COMMIT") == TRANSACTIONS
    assert len(work) <= STATEMENTS, "\n".join(sql[:100] for sql in work)

    order, payment = Order.objects.get(), Payment.objects.get()
    assert (order.lifecycle_status, payment.status, payment.captured_amount) == ("AWAITING_FULFILMENT", "SUCCEEDED", order.total)
    assert CheckoutSession.objects.get(pk=session).state == "COMPLETED"
    attempts = CheckoutAttempt.objects.order_by("id")
    assert [(attempt.step, attempt.outcome) for attempt in attempts] == [
        ("ReserveInventory", "done"),
        ("AuthorizePayment", "done"),
        ("CreateOrder", "done"),
    ]
    times = [time for attempt in attempts for time in (attempt.started_at, attempt.finished_at) if time is not None]
    assert len(times) == 2 * len(attempts)
    assert times == sorted(times), "the steps of one transaction keep their own times"
    assert not Delivery.objects.filter(message__correlation_id=session).exclude(status="done").exists()
    assert [*run_all(switchboard().all_invariants())] == []
