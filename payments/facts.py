"""The events of this department, made from its rows."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from payments.models import FraudCheck, Payment, PaymentAuthorization, Refund
from payments.states import FailureReason, PaymentStatus, Verdict
from shop.contracts.base import Event
from shop.contracts.payments import (
    AuthorizationVoided,
    DifferenceAuthorized,
    DifferenceDeclined,
    DifferenceVoided,
    FraudCheckFailed,
    FraudCheckPassed,
    PaymentAuthorized,
    PaymentFailed,
    PaymentRequested,
    PaymentSucceeded,
    RefundProcessed,
    RefundRequested,
)

PUBLISHED_FRAUD_REASONS = ("HIGH_RISK_SCORE", "BLOCKLISTED", "VELOCITY", "MISMATCH")


def requested(payment: Payment, now: datetime) -> Event:
    """The payment is on record."""
    return PaymentRequested(
        payment_id=payment.id,
        order_id=payment.order_id,
        customer_id=payment.customer_id,
        amount=payment.amount,
        currency=payment.currency,
        requested_at=now,
        checkout_session_id=payment.checkout_session_id,
    )


def authorized(payment: Payment, authorization: PaymentAuthorization, check: FraudCheck | None, now: datetime) -> Event:
    """The money is held."""
    return PaymentAuthorized(
        payment_id=payment.id,
        order_id=payment.order_id,
        payment_authorization_id=str(authorization.id),
        amount=payment.amount,
        currency=payment.currency,
        fraud_verdict="review" if check and check.verdict == Verdict.REVIEW else "pass",
        fraud_score=check.score if check else None,
        processor_reference=authorization.provider_intent_id,
        checkout_session_id=payment.checkout_session_id,
        authorized_at=payment.authorized_at or now,
    )


def failed(payment: Payment, check: FraudCheck | None, now: datetime) -> Event:
    """No money is held and none will be; also the answer to an authorisation of something already voided."""
    refused = check is not None and check.verdict == Verdict.REFUSE
    return PaymentFailed(
        payment_id=payment.id,
        order_id=payment.order_id,
        reason=payment.failure_reason or FailureReason.PROCESSING_ERROR.value,  # type: ignore[arg-type]
        failed_at=payment.closed_at or now,
        checkout_session_id=payment.checkout_session_id,
        fraud=True if refused else None,
        message=payment.message or None,
    )


def voided(payment: Payment, now: datetime) -> Event:
    """The hold is given back."""
    return AuthorizationVoided(
        payment_id=payment.id,
        order_id=payment.order_id,
        reason=payment.void_reason or None,
        voided_at=payment.closed_at or now,
        checkout_session_id=payment.checkout_session_id,
    )


def succeeded(payment: Payment, now: datetime) -> Event:
    """The money is ours."""
    return PaymentSucceeded(
        payment_id=payment.id,
        order_id=payment.order_id,
        amount=payment.captured_amount,
        currency=payment.currency,
        processor_reference=payment.intent_id or None,
        succeeded_at=payment.closed_at or now,
    )


def screened(payment: Payment, check: FraudCheck, now: datetime) -> list[Event]:
    """The verdict as a fact. ``review`` is none yet: a person still has to say."""
    if check.verdict == Verdict.PASS:
        return [FraudCheckPassed(payment_id=payment.id, order_id=payment.order_id, score=check.score, checked_at=now)]
    if check.verdict == Verdict.REVIEW:
        return []
    reason = check.reason if check.reason in PUBLISHED_FRAUD_REASONS else "HIGH_RISK_SCORE"
    return [
        FraudCheckFailed(
            payment_id=payment.id,
            order_id=payment.order_id,
            score=check.score,
            reason=reason,  # type: ignore[arg-type]
            checked_at=now,
        )
    ]


def refund_requested(refund: Refund, payment: Payment, now: datetime) -> Event:
    """A refund is on record."""
    return RefundRequested(
        refund_id=refund.id,
        payment_id=payment.id,
        order_id=payment.order_id,
        amount=refund.amount,
        currency=refund.currency,
        reason=refund.reason,
        requested_at=now,
    )


def refund_processed(refund: Refund, now: datetime) -> Event:
    """The provider has accepted it."""
    return RefundProcessed(
        refund_id=refund.id,
        payment_id=refund.payment_id,
        amount=refund.amount,
        currency=refund.currency,
        processed_at=now,
    )


def difference(payment: Payment, check: FraudCheck | None, now: datetime) -> Event:
    """What became of a further payment of an order: held, or not. Raises ``ValueError`` while that is not decided."""
    assert payment.change_id is not None
    if payment.status in (PaymentStatus.AUTHORIZED, PaymentStatus.SUCCEEDED):
        return DifferenceAuthorized(
            order_id=payment.order_id,
            change_id=payment.change_id,
            payment_id=payment.id,
            amount=payment.amount,
            fraud_verdict="review" if check and check.verdict == Verdict.REVIEW else "pass",
            authorized_at=payment.authorized_at or now,
        )
    if payment.status in (PaymentStatus.FAILED, PaymentStatus.VOIDED):
        return DifferenceDeclined(
            order_id=payment.order_id,
            change_id=payment.change_id,
            payment_id=payment.id,
            message=payment.message or "Nothing more could be charged.",
            declined_at=payment.closed_at or now,
        )
    raise ValueError(f"payment {payment.id} is {payment.status}")


def difference_voided(payment: Payment, change_id: UUID, now: datetime) -> Event:
    """Nothing will be kept for this change."""
    return DifferenceVoided(order_id=payment.order_id, change_id=change_id, payment_id=payment.id, voided_at=now)
