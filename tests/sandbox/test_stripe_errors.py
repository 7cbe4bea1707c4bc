"""What Stripe refuses, and how the SDK sees it."""

from typing import Any

import httpx
import pytest
import stripe

from config.sandbox import Sandbox, SandboxControl
from tests.sandbox.payments import authorise

DECLINES = [
    ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
]


@pytest.mark.parametrize(("card", "code", "decline_code"), DECLINES)
def test_declined_card(sdk, control: SandboxControl, card: str, code: str, decline_code: str | None) -> None:
    with pytest.raises(stripe.CardError) as declined:
        authorise(sdk, payment_method=card)

    error = declined.value.error
    assert (declined.value.http_status, declined.value.code, getattr(error, "decline_code", None)) == (
        402,
        code,
        decline_code,
    )
    intent = sdk.v1.payment_intents.retrieve(error.payment_intent.id)
    assert (intent.status, intent.amount_received, intent.last_payment_error.code) == (
        "requires_payment_method",
        0,
        code,
    )
    assert control.ledger("stripe")["totals"] == {}


def test_a_declined_payment_succeeds_with_another_card(sdk) -> None:
    with pytest.raises(stripe.CardError) as declined:
        authorise(sdk, payment_method="pm_card_chargeDeclined")

    id = declined.value.error.payment_intent.id
    paid = sdk.v1.payment_intents.confirm(id, {"payment_method": "pm_card_visa"})

    assert (paid.id, paid.status, paid.last_payment_error) == (id, "requires_capture", None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": "1.5"},
        {"amount": 2**70},
        {"amount": ""},
        {"currency": "pounds"},
        {"capture_method": "sometimes"},
        {"payment_method": "pm_unknown"},
        {"metadata": "text"},
        {"metadata": {"key": "x" * 501}},
        {"metadata": {"key": {"deep": "er"}}},
        {"confirm": "perhaps"},
        {"amonut": 5},
    ],
)
def test_bad_parameters_are_refused_and_leave_nothing(sdk, control: SandboxControl, wrong: dict[str, Any]) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        authorise(sdk, **wrong)

    assert refused.value.http_status in (400, 404)
    assert control.ledger("stripe")["intents"] == []


def test_unknown_objects_are_404(sdk) -> None:
    for call in (sdk.v1.payment_intents.retrieve, sdk.v1.payment_intents.capture, sdk.v1.refunds.retrieve):
        with pytest.raises(stripe.InvalidRequestError) as missing:
            call("nothing")
        assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic Og=="}, {"Authorization": "Bearer sk_live_real"}])
def test_no_key_or_a_live_key_is_401(sandbox: Sandbox, headers: dict[str, str]) -> None:
    response = httpx.get(f"{sandbox.urls['stripe']}/v1/payment_intents", headers=headers)

    assert (response.status_code, response.json()["error"]["type"]) == (401, "invalid_request_error")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/payment_intents", b"\xff\xfe=1"),
        ("POST", "/v1/payment_intents", b"a[b=1"),
        ("POST", "/v1/payment_intents", b"a=1&a[b]=2"),
        ("POST", "/v1/payment_intents", b"metadata[a][b]=1&amount=1&currency=gbp"),
        ("POST", "/v1/payment_intents", b"&".join(b"a%d=1" % number for number in range(2000))),
        ("POST", "/v1/payment_intents", b"amount=1&currency=gbp&expand=latest_charge&metadata[" + b"x" * 900 + b"]=1"),
        ("POST", "/v1/refunds", b"payment_intent[a]=1"),
        ("GET", "/v1/payment_intents?created[gte]=yesterday", b""),
        ("GET", "/v1/payment_intents?created=x&limit=5", b""),
        ("GET", "/v1/payment_intents?limit=100000", b""),
        ("GET", "/v1/nothing", b""),
    ],
)
def test_malformed_requests_never_fail_the_server(sandbox: Sandbox, method: str, path: str, body: bytes) -> None:
    headers = {"Authorization": "Bearer sk_test", "Content-Type": "application/x-www-form-urlencoded"}

    response = httpx.request(method, sandbox.urls["stripe"] + path, content=body, headers=headers)

    assert response.status_code in (400, 404)
    assert response.json()["error"]["type"] == "invalid_request_error"


def test_too_large_a_body_is_413(sandbox: Sandbox) -> None:
    url = f"{sandbox.urls['stripe']}/v1/payment_intents"

    assert httpx.post(url, content=b"x" * 1_000_001).status_code == 413
