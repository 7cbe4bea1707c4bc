"""One key, one effect."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import stripe

from config.sandbox import Sandbox, SandboxControl
from tests.sandbox.payments import authorise


def test_replay_gives_the_stored_answer(sdk, control: SandboxControl) -> None:
    first = authorise(sdk, key="k1")
    second = authorise(sdk, key="k1")

    assert second.id == first.id
    assert second.last_response.headers["idempotent-replayed"] == "true"
    assert second.last_response.headers["request-id"] != first.last_response.headers["request-id"]
    assert len(control.ledger("stripe")["entries"]) == 1
    assert control.requests()["stripe"]["create"] == {"total": 2, "200": 1, "replayed": 1}


def test_replay_gives_the_old_answer_even_when_things_moved_on(sdk) -> None:
    first = authorise(sdk, key="k1")
    sdk.v1.payment_intents.cancel(first.id)

    assert authorise(sdk, key="k1").status == "requires_capture"


def test_the_same_key_with_another_request_is_refused(sdk, control: SandboxControl) -> None:
    intent = authorise(sdk, key="k1")

    with pytest.raises(stripe.IdempotencyError):
        authorise(sdk, key="k1", amount=9900)
    with pytest.raises(stripe.IdempotencyError):
        sdk.v1.payment_intents.capture(intent.id, options={"idempotency_key": "k1"})

    assert [entry["kind"] for entry in control.ledger("stripe")["entries"]] == ["authorise"]


def test_a_decline_is_replayed(sdk, control: SandboxControl) -> None:
    ids = set()
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            authorise(sdk, key="k1", payment_method="pm_card_chargeDeclined")
        ids.add(declined.value.error.payment_intent.id)

    assert len(ids) == 1
    assert len(control.ledger("stripe")["intents"]) == 1


def test_a_bad_request_does_not_use_the_key_up(sdk) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        authorise(sdk, key="k1", amount=0)

    assert authorise(sdk, key="k1").status == "requires_capture"


def test_fifty_at_once_with_one_key_make_one_intent(sandbox: Sandbox, sdk_for, control: SandboxControl) -> None:
    sdk = sdk_for(sandbox.urls["stripe"], retries=5)
    control.add_fault("slow", seconds=0.2)  # so that all of them meet
    barrier = threading.Barrier(50)

    def submit(_: int) -> str:
        barrier.wait()
        return authorise(sdk, key="k1").id

    with ThreadPoolExecutor(50) as threads:
        ids = set(threads.map(submit, range(50)))

    assert len(ids) == 1
    ledger = control.ledger("stripe")
    assert (len(ledger["intents"]), len(ledger["entries"])) == (1, 1)


def test_a_second_request_while_the_first_runs_is_409(sandbox: Sandbox, sdk, control: SandboxControl) -> None:
    fault = control.add_fault("slow", operation="create", seconds=30, times=1)
    url = f"{sandbox.urls['stripe']}/v1/payment_intents"
    headers = {"Authorization": "Bearer sk_test", "Idempotency-Key": "k1"}
    body = {"amount": "100", "currency": "gbp"}
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(httpx.post, url, data=body, headers=headers, timeout=30)
        while not control.faults()[0]["hits"]:
            time.sleep(0.01)
        second = httpx.post(url, data=body, headers=headers)
        control.clear_faults(fault)

        assert first.result().status_code == 200
    assert (second.status_code, second.json()["error"]["code"]) == (409, "idempotency_key_in_use")
    assert len(control.ledger("stripe")["intents"]) == 1


def test_a_forgotten_key_charges_again(sdk, control: SandboxControl) -> None:
    first = authorise(sdk, key="k1")
    control.forget_idempotency_keys()

    assert authorise(sdk, key="k1").id != first.id
    assert control.ledger("stripe")["totals"]["gbp"]["authorised"] == 5000
