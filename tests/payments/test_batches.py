"""A batch of fifty costs as many statements as a batch of five."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payments.models import Payment
from payments.states import PaymentStatus
from shop.contracts.payments import CapturePayment
from tests.payments.post import event_about, post
from tests.payments.shop import Shop, confirmation_of, void_of

pytestmark = pytest.mark.django_db(transaction=True)

SMALL, LARGE = 5, 50
Stories = dict[str, Callable[[Shop, list[Payment]], None]]


def statements_per_transaction(shop: Shop, say: Callable[[Shop, list[Payment]], None], number: int) -> int:
    """The most statements that one transaction took to deliver what ``say`` says about so many payments."""
    say(shop, [shop.payment(command.payment_id) for command in authorized(shop, number)])
    with CaptureQueriesContext(
        connection,
    ) as captured:
        shop.work()
    most = current = 0
    for query in captured.captured_queries:
        current = 0 if query["sql"] in {"BEGIN", "COMMIT"} else current + 1
        most = max(most, current)
    return most


def authorized(shop: Shop, number: int) -> list[Any]:
    commands = [shop.command() for _ in range(number)]
    shop.tell(*commands)
    return commands


def webhooks(shop: Shop, payments: list[Payment]) -> None:
    for payment in payments:
        post(event_about(shop.intents(payment.id)[0], "payment_intent.amount_capturable_updated"))


STORIES: Stories = {
    "authorise": lambda shop, payments: shop.say(*[shop.command() for _ in payments]),
    "void": lambda shop, payments: shop.say(*[void_of(payment.id, payment.order_id) for payment in payments]),
    "capture": lambda shop, payments: shop.say(
        *[CapturePayment(payment_id=payment.id, order_id=payment.order_id) for payment in payments]
    ),
    "confirmed": lambda shop, payments: shop.say(*[confirmation_of(payment) for payment in payments]),
    "webhooks": webhooks,
}


@pytest.mark.parametrize("story", STORIES)
def test_statements_do_not_grow_with_the_batch(shop: Shop, story: str) -> None:
    small = statements_per_transaction(shop, STORIES[story], SMALL)
    large = statements_per_transaction(shop, STORIES[story], LARGE)
    assert large <= small <= 8


def test_fifty_at_once_all_end_authorised(shop: Shop) -> None:
    commands = authorized(shop, LARGE)
    assert Payment.objects.filter(status=PaymentStatus.AUTHORIZED).count() == LARGE
    assert {command.payment_id for command in commands} == set(Payment.objects.values_list("id", flat=True))
    assert shop.held() == LARGE * 2500
