"""Stripe's JSON into our words. One reader for answers, errors and webhooks, so that all of them mean the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from payments.gateways.answers import Intent, IntentState, ProviderRefund
from payments.states import FailureReason

Json = Mapping[str, Any]

STATES = {
    "requires_capture": IntentState.HELD,
    "succeeded": IntentState.CAPTURED,
    "canceled": IntentState.CANCELED,
}
# Source: https://docs.stripe.com/declines/codes. Every other code is a plain refusal by the bank.
REASONS = {
    "insufficient_funds": FailureReason.INSUFFICIENT_FUNDS,
    "withdrawal_count_limit_exceeded": FailureReason.INSUFFICIENT_FUNDS,
    "expired_card": FailureReason.EXPIRED_CARD,
    "processing_error": FailureReason.PROCESSING_ERROR,
    "try_again_later": FailureReason.PROCESSING_ERROR,
    "issuer_not_available": FailureReason.PROCESSING_ERROR,
}
ID = re.compile(r"[A-Za-z0-9_]{1,200}")
LONGEST_MESSAGE = 500


class Unreadable(ValueError):
    """Stripe sent something that is not what its documentation says."""


def intent_of(data: Any) -> Intent:
    """The intent that this object describes. Raises ``Unreadable``."""
    try:
        problem = data.get("last_payment_error") or {}
        return Intent(
            id=_id(data["id"]),
            state=_state(data, problem),
            amount=_amount(data["amount"]),
            currency=_text(data["currency"]).upper(),
            payment_id=_metadata(data, "payment_id"),
            captured=_amount(data.get("amount_received") or 0),
            capture_before=_capture_before(data.get("latest_charge")),
            reason=reason_of(problem),
            message=_message(problem),
        )
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError) as error:
        raise Unreadable(f"not a payment intent: {type(error).__name__}") from error


def refund_of(data: Any) -> ProviderRefund:
    """The refund that this object describes. Raises ``Unreadable``."""
    try:
        return ProviderRefund(
            id=_id(data["id"]),
            state=_text(data["status"]),
            amount=_amount(data["amount"]),
            intent_id=_text(data.get("payment_intent") or ""),
            refund_id=_metadata(data, "refund_id"),
            error=_text(data.get("failure_reason") or ""),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Unreadable(f"not a refund: {type(error).__name__}") from error


def reason_of(problem: Json) -> FailureReason:
    """Why a card was refused, by its decline code or else its error code."""
    for code in (problem.get("decline_code"), problem.get("code")):
        if code in REASONS:
            return REASONS[code]
    return FailureReason.CARD_DECLINED if problem else FailureReason.PROCESSING_ERROR


def _state(data: Json, problem: Json) -> IntentState:
    status = _text(data["status"])
    if status == "requires_payment_method" and problem:
        return IntentState.DECLINED
    return STATES.get(status, IntentState.PENDING)


def _capture_before(charge: Any) -> datetime | None:
    if not isinstance(charge, Mapping):
        return None
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    seconds = card.get("capture_before")
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _metadata(data: Json, name: str) -> str:
    return _text((data.get("metadata") or {}).get(name) or "")


def _message(problem: Json) -> str:
    return _text(problem.get("message") or "")[:LONGEST_MESSAGE]


def _id(value: Any) -> str:
    """An id that can stand in an address."""
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise ValueError("id expected")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("text expected")
    return value


def _amount(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise ValueError("amount expected")
    return value
