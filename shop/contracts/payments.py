"""Payments: authorisations, captures, refunds and the fraud verdict."""

from typing import Annotated, Literal

from pydantic import Field

from shop.contracts.base import Command, Event, Http, Part, Query
from shop.contracts.fields import (
    Currency,
    FraudVerdict,
    Limit,
    Money,
    Name,
    PositiveMoney,
    Reason,
    RequiredReason,
    Text,
    UpToMostItems,
    UtcTime,
    Uuid,
)

OWNER = "payments-platform"

PaymentStatus = Literal["REQUESTED", "AUTHORIZED", "SUCCEEDED", "FAILED", "VOIDED", "UNKNOWN"]
FailureReason = Literal["CARD_DECLINED", "INSUFFICIENT_FUNDS", "EXPIRED_CARD", "PROCESSING_ERROR"]
# From 0 (harmless) to 1 (certainly fraud).
Score = Annotated[float, Field(ge=0, le=1)]


# What a person gives money back for. The shop charges nothing for shipping, so SHIPPING is a gesture about it.
RefundType = Literal["GOODS", "SHIPPING", "GOODWILL"]


class PaymentView(Part):
    """A payment as our ledger has it. UNKNOWN means that the provider has not told us yet, not that it failed."""

    payment_id: Uuid
    order_id: Uuid
    status: PaymentStatus
    amount: Money
    currency: Currency
    captured_amount: Money
    refunded_amount: Money
    processor_reference: Name | None = None
    failure_reason: FailureReason | None = None
    message: Text | None = None


class RefundView(Part):
    """A refund as our ledger has it."""

    refund_id: Uuid
    payment_id: Uuid
    status: Literal["REQUESTED", "PROCESSED", "FAILED"]
    amount: Money
    currency: Currency
    # It waits for a second person.
    needs_approval: bool | None = None


class RefundsView(Part):
    """The refunds that one request came to, one per payment it was taken from."""

    refunds: Annotated[list[RefundView], UpToMostItems]


class VoidAuthorization(Command):
    """Give a hold back, also one whose outcome is not known yet. Voiding twice, or nothing, changes nothing."""

    owner = OWNER
    key = "payment_id"

    payment_id: Uuid
    order_id: Uuid
    reason: Reason | None = None
    checkout_session_id: Uuid | None = None


class CapturePayment(Command):
    """Take the held money; all of it unless an amount is given. At most once per payment."""

    owner = OWNER
    key = "payment_id"

    payment_id: Uuid
    order_id: Uuid
    amount: PositiveMoney | None = None
    currency: Currency | None = None


class RefundPayment(Command):
    """Return captured money: all that is left of it unless an amount is given."""

    owner = OWNER
    key = "payment_id"
    response = RefundView

    payment_id: Uuid
    amount: Annotated[Money, Field(ge=1)] | None = None
    reason: RequiredReason
    refund_type: RefundType | None = None


class RefundOrder(Command):
    """Return captured money of an order, from whichever of its payments has it: all that is left unless an amount is given."""

    owner = OWNER
    key = "order_id"
    response = RefundsView

    order_id: Uuid
    amount: Annotated[Money, Field(ge=1)] | None = None
    reason: RequiredReason
    refund_type: RefundType


class ApproveRefund(Command):
    """Let a refund above the limit go out. Only somebody else than who asked for it may say so."""

    owner = OWNER
    key = "refund_id"
    response = RefundView

    refund_id: Uuid


class RejectRefund(Command):
    """Do not let a refund above the limit go out."""

    owner = OWNER
    key = "refund_id"
    response = RefundView

    refund_id: Uuid
    reason: RequiredReason


class RetryRefund(Command):
    """Try a failed refund again, as a refund of its own. A failed refund is tried again once; then its successor is."""

    owner = OWNER
    key = "refund_id"
    response = RefundView

    refund_id: Uuid


class ReturnDifference(Command):
    """An order costs less than before: keep that much less of its money. What is held is not taken, what is taken goes back.

    The same ``changeId`` returns its money once.
    """

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    change_id: Uuid
    amount: Annotated[Money, Field(ge=1)]
    because: Literal["AMENDMENT", "SHORT_PICK"]
    reason: Reason | None = None


class AuthorizeDifference(Command):
    """An order will cost more: hold the difference on the payment method of its first payment, as a payment of its own.

    Answered by DifferenceAuthorized or DifferenceDeclined; a repeat with the same ``paymentId`` never holds twice.
    """

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    change_id: Uuid
    payment_id: Uuid
    amount: PositiveMoney
    currency: Currency


class VoidDifference(Command):
    """The change is not made: give back what was held for it, also what may never have been. Answered by DifferenceVoided."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    change_id: Uuid
    payment_id: Uuid


class ReconcilePayments(Command):
    """Ask the provider again about payments whose outcome is UNKNOWN, at most ``limit`` of them."""

    owner = OWNER

    limit: Limit = 500


class ReceiveStripeWebhook(Command):
    """Work on one stored, already verified webhook of the payment provider. The same event twice has one effect."""

    owner = OWNER

    inbox_id: Uuid


class PaymentRequested(Event):
    """A payment is on record and the provider is about to be asked. Says nothing about the outcome."""

    owner = OWNER
    key = "payment_id"

    payment_id: Uuid
    order_id: Uuid
    customer_id: Uuid | None = None
    amount: PositiveMoney
    currency: Currency
    requested_at: UtcTime
    checkout_session_id: Uuid | None = None


class PaymentAuthorized(Event):
    """The money is held and the fraud check does not forbid it; with verdict ``review`` a person has to look first."""

    owner = OWNER
    key = "payment_id"

    payment_id: Uuid
    order_id: Uuid
    payment_authorization_id: Name
    amount: PositiveMoney
    currency: Currency
    fraud_verdict: FraudVerdict
    fraud_score: Score | None = None
    processor_reference: Name | None = None
    checkout_session_id: Uuid | None = None
    authorized_at: UtcTime


class PaymentSucceeded(Event):
    """The charge is captured: the money is ours."""

    owner = OWNER
    key = "payment_id"

    payment_id: Uuid
    order_id: Uuid
    amount: Money
    currency: Currency
    processor_reference: Name | None = None
    succeeded_at: UtcTime


class PaymentFailed(Event):
    """No money is held and none will be. ``fraud`` says that the verdict forbade it; ``message`` may be shown."""

    owner = OWNER
    key = "payment_id"

    payment_id: Uuid
    order_id: Uuid
    reason: FailureReason
    failed_at: UtcTime
    checkout_session_id: Uuid | None = None
    fraud: bool | None = None
    message: Text | None = None


class AuthorizationVoided(Event):
    """The hold is given back; nothing can be captured from this payment any more."""

    owner = OWNER
    key = "payment_id"

    payment_id: Uuid
    order_id: Uuid
    reason: Reason | None = None
    voided_at: UtcTime
    checkout_session_id: Uuid | None = None


class FraudCheckPassed(Event):
    """The payment was screened and may go on."""

    owner = OWNER
    key = "payment_id"

    payment_id: Uuid
    order_id: Uuid
    score: Score | None = None
    checked_at: UtcTime


class FraudCheckFailed(Event):
    """The payment was screened and must not go on."""

    owner = OWNER
    key = "payment_id"

    payment_id: Uuid
    order_id: Uuid
    score: Score | None = None
    reason: Literal["HIGH_RISK_SCORE", "BLOCKLISTED", "VELOCITY", "MISMATCH"]
    checked_at: UtcTime


class RefundRequested(Event):
    """A refund is on record and the provider is about to be asked."""

    owner = OWNER
    key = "payment_id"

    refund_id: Uuid
    payment_id: Uuid
    order_id: Uuid | None = None
    amount: PositiveMoney
    currency: Currency
    reason: Text | None = None
    requested_at: UtcTime


class RefundProcessed(Event):
    """The provider has accepted the refund; the money is on its way back."""

    owner = OWNER
    key = "payment_id"

    refund_id: Uuid
    payment_id: Uuid
    amount: Money
    currency: Currency
    processed_at: UtcTime


class DifferenceAuthorized(Event):
    """What the order will cost more is held, or nothing was due."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    change_id: Uuid
    payment_id: Uuid
    amount: PositiveMoney
    fraud_verdict: FraudVerdict
    authorized_at: UtcTime


class DifferenceDeclined(Event):
    """What the order would cost more is not held; ``message`` may be shown."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    change_id: Uuid
    payment_id: Uuid
    message: Text
    declined_at: UtcTime


class DifferenceVoided(Event):
    """Nothing will be taken for this change any more, and what was goes back."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    change_id: Uuid
    payment_id: Uuid
    voided_at: UtcTime


class GetPayment(Query):
    """One payment as our ledger has it."""

    owner = OWNER
    response = PaymentView
    http = Http("GET", "/payments/{paymentId}", (200, 404))

    payment_id: Uuid
