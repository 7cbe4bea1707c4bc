"""The fraud service: one verdict per payment."""

import json
from typing import Any

import httpx
import pytest

from config.sandbox import Sandbox, SandboxControl


def asked(payment: str = "p1", **more: Any) -> dict[str, Any]:
    """A check as the shop asks for it."""
    return {
        "paymentId": payment,
        "orderId": "o1",
        "customerId": "c1",
        "amount": 2500,
        "currency": "GBP",
        "email": "a@example.com",
        **more,
    }


def test_everything_passes_by_default(fraud: httpx.Client) -> None:
    answer = fraud.post("/v1/checks", json=asked())

    assert answer.status_code == 200
    assert answer.json()["verdict"] == "pass"
    assert 0 <= answer.json()["score"] <= 1
    assert "reason" not in answer.json()


def test_rules_decide_and_the_newest_wins(fraud: httpx.Client, control: SandboxControl) -> None:
    control.set_verdict("review", match={"amount_min": 10_000})
    control.set_verdict("refuse", match={"customerId": "c2"}, reason="BLOCKLISTED", score=0.99)

    def verdict(payment: str, **more: Any) -> tuple[str, str | None]:
        body = fraud.post("/v1/checks", json=asked(payment, **more)).json()
        return body["verdict"], body.get("reason")

    assert verdict("p1") == ("pass", None)
    assert verdict("p2", amount=10_000) == ("review", "HIGH_RISK_SCORE")
    assert verdict("p3", customerId="c2", amount=20_000) == ("refuse", "BLOCKLISTED")
    assert control.ledger("fraud")["totals"] == {"pass": 1, "review": 1, "refuse": 1}


def test_a_verdict_stands(fraud: httpx.Client, control: SandboxControl) -> None:
    first = fraud.post("/v1/checks", json=asked()).json()
    control.set_verdict("refuse")

    assert fraud.post("/v1/checks", json=asked()).json() == first
    assert fraud.get("/v1/checks/p1").json() == first
    assert len(control.ledger("fraud")["checks"]) == 1

    control.clear_verdicts()
    assert fraud.post("/v1/checks", json=asked("p2")).json()["verdict"] == "pass"


def test_checked_and_then_dropped_gives_the_same_verdict_again(fraud: httpx.Client, control: SandboxControl) -> None:
    control.add_fault("execute_then_timeout", service="fraud", operation="check", seconds=0, times=1)

    with pytest.raises(httpx.RemoteProtocolError):
        fraud.post("/v1/checks", json=asked())

    stored = control.ledger("fraud")["checks"][0]["answer"]
    assert fraud.post("/v1/checks", json=asked()).json() == stored


def test_unknown_payment_is_404(fraud: httpx.Client) -> None:
    assert fraud.get("/v1/checks/nothing").status_code == 404


def test_a_key_is_required(sandbox: Sandbox) -> None:
    assert httpx.post(f"{sandbox.urls['fraud']}/v1/checks", json=asked()).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "5"},
        {"amount": True},
        {"amount": -1},
        {"paymentId": ""},
        {"orderId": 5},
        {"email": []},
        {"paymentId": "\ud800"},
        {"paymentId": "\0"},
        {"amount": float("nan")},
        {"customerId": "x" * 201},
    ],
)
def test_bad_checks_are_refused(fraud: httpx.Client, control: SandboxControl, wrong: dict[str, Any]) -> None:
    answer = fraud.post("/v1/checks", content=json.dumps(asked(**wrong)))

    assert (answer.status_code, set(answer.json())) == (400, {"code", "message"})
    assert control.ledger("fraud")["checks"] == []


@pytest.mark.parametrize(
    "rule",
    [{"verdict": "maybe"}, {"verdict": []}, {"verdict": "refuse", "reason": "X"}, {"verdict": "pass", "score": 2}],
)
def test_bad_rules_are_refused(sandbox: Sandbox, rule: dict[str, Any]) -> None:
    assert httpx.post(f"{sandbox.urls['fraud']}/_control/fraud/rules", json=rule).status_code == 400
