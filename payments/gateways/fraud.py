"""The fraud service: one question, one verdict. It is advice: when it is not to be had, a policy decides instead."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from urllib3.exceptions import HTTPError

from payments.gateways.answers import FraudAnswer
from payments.states import Verdict
from shop.gateways.http import USER_AGENT, Line

log = structlog.get_logger(__name__)

UNAVAILABLE = "UNAVAILABLE"
LONGEST_REASON = 40


class NoVerdict(Exception):
    """The fraud service did not give a verdict that can be read."""


@cache
def _line(base: str, connect_seconds: float, total_seconds: float) -> Line:
    return Line(base, connect_seconds, total_seconds)


def verdict_on(
    *, payment_id: UUID, order_id: UUID, customer_id: UUID | None, amount: int, currency: str, ip_address: str | None = None
) -> FraudAnswer:
    """The verdict on this payment; asked again it is the same. Never raises: without one the policy
    ``FRAUD_UNAVAILABLE_VERDICT`` answers, marked ``UNAVAILABLE``."""
    question = {"paymentId": str(payment_id), "orderId": str(order_id), "amount": amount, "currency": currency}
    if customer_id is not None:
        question["customerId"] = str(customer_id)
    if ip_address:
        question["ipAddress"] = ip_address
    try:
        return _read(_ask(question))
    except (NoVerdict, HTTPError) as error:
        log.warning("fraud_unavailable", payment=str(payment_id), error=str(error) or type(error).__name__)
        return FraudAnswer(settings.FRAUD_UNAVAILABLE_VERDICT, None, UNAVAILABLE)


def _ask(question: dict[str, Any]) -> Any:
    line = _line(settings.FRAUD_API_BASE, settings.OUTSIDE_CONNECT_TIMEOUT_SECONDS, settings.OUTSIDE_TOTAL_TIMEOUT_SECONDS)
    headers = {
        "Authorization": f"Bearer {settings.FRAUD_API_KEY}",
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
    }
    body, status, _ = line.exchange("POST", f"{settings.FRAUD_API_BASE}/v1/checks", headers, json.dumps(question))
    if status not in {200, 201}:
        raise NoVerdict(f"HTTP {status}")
    try:
        return json.loads(body)
    except ValueError:
        raise NoVerdict("not JSON") from None


def _read(answer: Any) -> FraudAnswer:
    if not isinstance(answer, dict) or answer.get("verdict") not in Verdict.values:
        raise NoVerdict("no verdict in the answer")
    score, reason = answer.get("score"), answer.get("reason")
    is_score = isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1
    return FraudAnswer(
        verdict=answer["verdict"],
        score=float(score) if is_score and score is not None else None,
        reason=reason[:LONGEST_REASON] if isinstance(reason, str) else "",
    )
