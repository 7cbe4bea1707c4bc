"""The fault switch: each effect, who it hits and how often, and what the ledger says afterwards."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import stripe

from config.sandbox import Sandbox, SandboxControl
from tests.sandbox.payments import authorise, captured


def test_charged_and_then_timed_out(sandbox: Sandbox, sdk_for, control: SandboxControl) -> None:
    sdk = sdk_for(sandbox.urls["stripe"], timeout=0.3)
    control.add_fault("execute_then_timeout", operation="create", times=1)

    with pytest.raises(stripe.APIConnectionError):
        authorise(sdk, key="k1")
    assert control.ledger("stripe")["totals"]["gbp"]["authorised"] == 2500

    again = authorise(sdk, key="k1")
    ledger = control.ledger("stripe")
    assert [entry["payment_intent"] for entry in ledger["entries"]] == [again.id]
    assert [intent["id"] for intent in ledger["intents"]] == [again.id]


@pytest.mark.parametrize("operation", ["capture", "cancel"])
def test_captured_or_cancelled_and_then_dropped(sdk, control: SandboxControl, operation: str) -> None:
    intent = authorise(sdk)
    control.add_fault("execute_then_timeout", operation=operation, seconds=0, times=1)
    call = getattr(sdk.v1.payment_intents, operation)

    with pytest.raises(stripe.APIConnectionError):
        call(intent.id, options={"idempotency_key": "k1"})

    assert call(intent.id, options={"idempotency_key": "k1"}).status in ("succeeded", "canceled")
    assert len(control.ledger("stripe")["entries"]) == 2


def test_refunded_and_then_dropped(sdk, control: SandboxControl) -> None:
    intent = captured(sdk)
    control.add_fault("execute_then_timeout", operation="refund", seconds=0, times=1)
    asked = {"payment_intent": intent.id}

    with pytest.raises(stripe.APIConnectionError):
        sdk.v1.refunds.create(asked, options={"idempotency_key": "k1"})
    sdk.v1.refunds.create(asked, options={"idempotency_key": "k1"})

    assert control.ledger("stripe")["totals"]["gbp"]["refunded"] == 2500


def test_dropped_before_anything_was_done(sdk, control: SandboxControl) -> None:
    control.add_fault("drop", times=1)

    with pytest.raises(stripe.APIConnectionError):
        authorise(sdk, key="k1")

    assert control.ledger("stripe")["intents"] == []
    assert authorise(sdk, key="k1").status == "requires_capture"


def test_a_500_is_replayed_to_the_same_key(sdk, control: SandboxControl) -> None:
    control.add_fault("status", status=500, times=1)

    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            authorise(sdk, key="k1")
        assert failed.value.http_status == 500
    assert failed.value.headers["Idempotent-Replayed"] == "true"
    assert control.ledger("stripe")["intents"] == []
    assert authorise(sdk, key="k2").status == "requires_capture"


def test_a_500_from_before_the_api_is_not_kept(sdk, control: SandboxControl) -> None:
    control.add_fault("status", status=503, stored=False, times=1)

    with pytest.raises(stripe.APIError):
        authorise(sdk, key="k1")

    assert authorise(sdk, key="k1").status == "requires_capture"


def test_a_500_after_the_work_was_done(sdk, control: SandboxControl) -> None:
    control.add_fault("status", status=500, execute=True, times=1)

    with pytest.raises(stripe.APIError):
        authorise(sdk, key="k1", metadata={"payment_id": "p1"})

    assert control.ledger("stripe")["totals"]["gbp"]["authorised"] == 2500
    assert len(sdk.v1.payment_intents.search({"query": "metadata['payment_id']:'p1'"}).data) == 1


@pytest.mark.parametrize(
    ("status", "raised"), [(429, stripe.RateLimitError), (409, stripe.APIError), (401, stripe.AuthenticationError)]
)
def test_errors_that_no_key_keeps(sdk, control: SandboxControl, status: int, raised: type[Exception]) -> None:
    control.add_fault("status", status=status, times=1)

    with pytest.raises(raised):
        authorise(sdk, key="k1")

    assert authorise(sdk, key="k1").status == "requires_capture"


def test_a_decline_code_of_ones_choice(sdk, control: SandboxControl) -> None:
    control.add_fault("status", status=402, code="insufficient_funds", match={"orderId": "o1"})

    with pytest.raises(stripe.CardError) as declined:
        authorise(sdk, metadata={"order_id": "o1"})

    assert declined.value.error.decline_code == "insufficient_funds"
    assert declined.value.error.payment_intent.status == "requires_payment_method"
    assert authorise(sdk, metadata={"order_id": "o2"}).status == "requires_capture"


def test_slow_answers_but_answers(sdk, control: SandboxControl) -> None:
    control.add_fault("slow", seconds=0.5)

    begun = time.monotonic()
    intent = authorise(sdk)

    assert time.monotonic() - begun >= 0.5
    assert intent.status == "requires_capture"


def test_clearing_wakes_what_hangs(sandbox: Sandbox, sdk_for, control: SandboxControl) -> None:
    sdk = sdk_for(sandbox.urls["stripe"], timeout=60)
    fault = control.add_fault("hang", operation="create")
    with ThreadPoolExecutor(1) as threads:
        hanging = threads.submit(authorise, sdk)
        while not control.faults()[0]["hits"]:
            time.sleep(0.01)

        control.clear_faults(fault)

        with pytest.raises(stripe.APIConnectionError):
            hanging.result()
    assert control.ledger("stripe")["intents"] == []


def test_down_until_cleared(sdk, fraud: httpx.Client, control: SandboxControl) -> None:
    control.add_fault("down", service="fraud")

    for _ in range(3):
        with pytest.raises(httpx.RemoteProtocolError):
            fraud.get("/v1/checks/p1")
    assert authorise(sdk).status == "requires_capture"

    control.clear_faults()
    assert fraud.get("/v1/checks/p1").status_code == 404


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({"amount": 2500}, True),
        ({"amount": 2501}, False),
        ({"amount_min": 2000, "amount_max": 3000}, True),
        ({"amount_min": 2501}, False),
        ({"payment_method": "pm_card_visa"}, True),
        ({"payment_method": "pm_card_amex"}, False),
        ({"customer_id": "c1"}, True),
        ({"metadata": {"customer_id": "c1", "order_id": "o1"}}, True),
        ({"customer_id": "c1", "order": "o2"}, False),
    ],
)
def test_what_a_rule_matches(sdk, control: SandboxControl, match: dict[str, object], hit: bool) -> None:
    control.add_fault("status", status=429, match=match)

    def make() -> stripe.PaymentIntent:
        return authorise(sdk, metadata={"customer_id": "c1", "order_id": "o1"})

    if hit:
        with pytest.raises(stripe.RateLimitError):
            make()
    else:
        assert make().status == "requires_capture"


def test_capture_is_matched_by_the_intent_it_is_about(sdk, control: SandboxControl) -> None:
    hit, spared = (authorise(sdk, metadata={"payment_id": id}).id for id in ("p1", "p2"))
    control.add_fault("status", status=429, operation="capture", match={"payment_id": "p1"})

    assert sdk.v1.payment_intents.capture(spared).status == "succeeded"
    with pytest.raises(stripe.RateLimitError):
        sdk.v1.payment_intents.capture(hit)


def test_times_are_counted_exactly_under_load(sandbox: Sandbox, sdk_for, control: SandboxControl) -> None:
    sdk = sdk_for(sandbox.urls["stripe"], timeout=10)
    control.add_fault("status", status=429, times=3)

    def attempt(number: int) -> int:
        try:
            authorise(sdk, key=f"k{number}")
        except stripe.RateLimitError:
            return 1
        return 0

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(40))) == 3
    assert len(control.ledger("stripe")["intents"]) == 37


def test_probability_zero_never_hits(sdk, control: SandboxControl) -> None:
    control.add_fault("drop", probability=0)

    assert authorise(sdk).status == "requires_capture"


@pytest.mark.parametrize(
    "rule",
    [
        {"effect": "explode"},
        {"effect": ["slow"]},
        {"effect": "slow", "seconds": -1},
        {"effect": "slow", "seconds": "1"},
        {"effect": "slow", "service": "bank"},
        {"effect": "slow", "service": ["stripe"]},
        {"effect": "slow", "operation": "steal"},
        {"effect": "slow", "operation": {}},
        {"effect": "slow", "probability": 2},
        {"effect": "slow", "times": 0},
        {"effect": "slow", "match": "all"},
        {"effect": "slow", "match": {"amount_min": "much"}},
        {"effect": "status", "status": 200},
        {"effect": "slow", "sceonds": 1},
    ],
)
def test_a_bad_rule_is_refused(sandbox: Sandbox, control: SandboxControl, rule: dict[str, object]) -> None:
    response = httpx.post(f"{sandbox.urls['carrier']}/_control/faults", json=rule)

    assert (response.status_code, set(response.json())) == (400, {"code", "message"})
    assert control.faults() == []


@pytest.mark.parametrize("body", [b"{", b"[]", b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_object_is_refused(sandbox: Sandbox, body: bytes) -> None:
    assert httpx.post(f"{sandbox.urls['stripe']}/_control/faults", content=body).status_code == 400


def test_reset_forgets_everything(sdk, fraud: httpx.Client, control: SandboxControl) -> None:
    authorise(sdk, key="k1")
    control.add_fault("down", service="fraud")
    control.set_verdict("refuse")

    control.reset()

    assert control.faults() == []
    assert control.ledger("stripe")["entries"] == []
    assert control.ledger("fraud")["rules"] == []
    assert control.requests() == {"stripe": {}, "fraud": {}, "carrier": {}}
    assert authorise(sdk, key="k1").last_response.headers.get("idempotent-replayed") is None
