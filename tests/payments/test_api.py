"""Payments over HTTP: who may, what is answered, and that a repeated request never holds twice."""

import threading
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from uuid_utils.compat import uuid7

from payments.models import Payment
from tests.http.calls import post
from tests.http.endpoints import service_token
from tests.payments.shop import Shop

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/payments/authorize"


def body(**changes: Any) -> dict[str, Any]:
    return {"cartId": str(uuid7()), "amount": 1999, "currency": "EUR"} | changes


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def test_the_least_a_service_may_say_is_enough(shop: Shop, client: Client) -> None:
    answer = post(client, PATH, body(), **service_token("payments:write", "payments:read"))
    assert answer.status_code == 201
    payment = Payment.objects.get()
    assert answer.json() == {
        "paymentId": str(payment.id),
        "orderId": str(payment.order_id),
        "status": "AUTHORIZED",
        "amount": 1999,
        "currency": "EUR",
        "capturedAmount": 0,
        "refundedAmount": 0,
        "processorReference": payment.intent_id,
    }
    assert shop.held() == 1999


def test_a_decline_is_402_with_its_reason(shop: Shop, client: Client) -> None:
    card = "pm_card_chargeDeclinedInsufficientFunds"
    answer = post(client, PATH, body(paymentMethodId=card), **service_token())
    assert answer.status_code == 402
    assert (answer.json()["code"], answer.json()["data"]["reason"]) == ("payment_declined", "INSUFFICIENT_FUNDS")
    assert shop.held() == 0


def test_an_id_taken_by_another_payment_is_409(shop: Shop, client: Client) -> None:
    payment = shop.authorize()
    taken = body(paymentId=str(payment.id), orderId=str(payment.order_id))
    answer = post(client, PATH, taken, **service_token())
    assert (answer.status_code, answer.json()["code"]) == (409, "payment_id_taken")
    assert shop.held() == 2500


def test_an_outcome_nobody_knows_is_503_and_the_repeat_finds_it(shop: Shop, client: Client) -> None:
    shop.sandbox.add_fault("execute_then_timeout", service="stripe", operation="create", times=1)
    service, key, said = service_token(), {"Idempotency_Key": "once"}, body()
    assert post(client, PATH, said, **service, **key).status_code == 503
    answer = post(client, PATH, said, **service, **key)
    assert (answer.status_code, answer.json()["status"]) == (201, "AUTHORIZED")
    assert post(client, PATH, said, **service, **key).json() == answer.json()
    assert Payment.objects.count() == 1
    assert shop.held() == 1999


def test_many_at_once_with_one_key_hold_once(shop: Shop) -> None:
    service, said = service_token(), body()
    statuses, start = [], threading.Barrier(10)

    def ask() -> None:
        try:
            start.wait()
            answer = post(Client(raise_request_exception=False), PATH, said, **service, Idempotency_Key="ten")
            statuses.append(answer.status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert Payment.objects.count() == 1
    assert shop.held() == 1999


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": -1},
        {"amount": 1.5},
        {"amount": "5"},
        {"amount": True},
        {"amount": 2**70},
        {"currency": "eur"},
        {"currency": "EURO"},
        {"cartId": "no"},
        {"paymentId": 5},
        {"paymentMethodId": "pm\x00"},
        {"paymentMethodId": "x" * 500},
    ],
    ids=str,
)
def test_bad_input_is_400_and_leaves_nothing(shop: Shop, client: Client, wrong: dict[str, Any]) -> None:
    answer = post(client, PATH, body(**wrong), **service_token())
    assert answer.status_code == 400
    assert set(answer.json()) >= {"code", "message"}
    assert Payment.objects.count() == 0


def test_an_amount_the_provider_will_not_take_is_refused(shop: Shop, client: Client) -> None:
    answer = post(client, PATH, body(amount=2**62), **service_token())
    assert answer.status_code == 402
    assert shop.held() == 0


def test_only_staff_and_services_with_the_right_may(shop: Shop, client: Client) -> None:
    assert post(client, PATH, body()).status_code == 401
    assert post(client, PATH, body(), **service_token("orders:write")).status_code == 403
    assert Payment.objects.count() == 0


def test_a_payment_can_be_looked_up(shop: Shop, client: Client) -> None:
    payment, service = shop.authorize(), service_token("payments:read")
    found = client.get(f"/payments/{payment.id}", headers=service)
    assert (found.status_code, found.json()["status"]) == (200, "AUTHORIZED")
    assert client.get(f"/payments/{uuid7()}", headers=service).status_code == 404
    assert client.get(f"/payments/{payment.id}").status_code == 401
    assert client.get("/payments/nonsense", headers=service).status_code == 404


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_webhooks_are_posted(client: Client, method: str) -> None:
    assert getattr(client, method)("/webhooks/stripe").status_code == 405


def test_a_webhook_that_is_too_large_is_refused(shop: Shop, client: Client) -> None:
    answer = client.post("/webhooks/stripe", b"x" * 3_000_000, content_type="application/json")
    assert answer.status_code in {400, 413}
