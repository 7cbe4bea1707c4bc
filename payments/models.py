"""The payments ledger: payments, what the provider holds for them, verdicts, refunds, and every webhook received.

Amounts are integer minor units of the currency beside them; times are UTC by the database's clock.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django_fsm import FSMField, transition

from payments.states import (
    UNDECIDED,
    AuthorizationStatus,
    FailureReason,
    PaymentStatus,
    RefundKind,
    RefundStatus,
    Verdict,
    WebhookStatus,
)


class Payment(models.Model):
    """One payment of one order; its id is the ``paymentId`` of every message.

    ``attempt`` numbers the logical tries to hold the money: one try has one idempotency key and asks for one hold however
    often it is repeated. ``ask_again_at`` is set while the provider may know something that we do not.
    """

    id = models.UUIDField(primary_key=True)
    order_id = models.UUIDField()
    cart_id = models.UUIDField(null=True)
    checkout_session_id = models.UUIDField(null=True)
    change_id = models.UUIDField(null=True, db_comment="The change of its order that it is for; the first payment has none")
    customer_id = models.UUIDField(null=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    method_token = models.CharField(max_length=200, blank=True, db_default="", db_comment="The provider's token")
    status = FSMField(max_length=10, choices=PaymentStatus.choices, default=PaymentStatus.REQUESTED, protected=True)
    captured_amount = models.BigIntegerField(default=0, db_default=0)
    refunded_amount = models.BigIntegerField(default=0, db_default=0)
    intent_id = models.CharField(max_length=200, blank=True, db_default="", db_comment="The intent this payment goes by")
    failure_reason = models.CharField(max_length=20, choices=FailureReason, blank=True, db_default="")
    message = models.TextField(blank=True, db_default="", db_comment="May be shown to the customer")
    void_requested = models.BooleanField(default=False, db_default=False)
    void_reason = models.CharField(max_length=250, blank=True, db_default="")
    capture_requested = models.BooleanField(default=False, db_default=False)
    to_return = models.BigIntegerField(default=0, db_default=0, db_comment="Of the amount: not to be taken, or to go back")
    capture_asked_at = models.DateTimeField(null=True, db_comment="When it was last decided to take the money")
    attempt = models.PositiveSmallIntegerField(default=1, db_default=1)
    asked = models.PositiveIntegerField(default=0, db_default=0, db_comment="Calls made for it, of any kind")
    asked_since = models.DateTimeField(null=True, db_comment="First call with this attempt's idempotency key")
    ask_again_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, db_default="", db_comment="Why the outcome is not known")
    requested_at = models.DateTimeField(db_default=Now())
    authorized_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True, db_comment="Captured, failed or voided")
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(status__in=PaymentStatus.values), name="payment_status_known"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="payment_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(captured_amount__gte=0, captured_amount__lte=F("amount")), name="payment_captured_within_amount"
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0, refunded_amount__lte=F("captured_amount")),
                name="payment_refunded_within_captured",
            ),
            models.CheckConstraint(
                condition=Q(captured_amount=0) | Q(status=PaymentStatus.SUCCEEDED), name="payment_captured_only_when_succeeded"
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="payment_currency_iso"),
        )
        indexes = (
            models.Index(fields=["order_id"], name="payment_order"),
            models.Index(fields=["ask_again_at"], condition=Q(ask_again_at__isnull=False), name="payment_ask_again"),
            models.Index(fields=["status", "-id"], name="payment_status"),
        )

    def __str__(self) -> str:
        return f"payment {self.id}"

    @property
    def never_was(self) -> bool:
        """Whether this is a tombstone: voided before anybody asked for it."""
        return self.status == PaymentStatus.VOIDED and self.asked == 0 and self.cart_id is None

    @transition(field=status, source=list(UNDECIDED), target=PaymentStatus.AUTHORIZED)
    def authorize(self) -> None:
        """The money is held and fraud does not forbid it."""
        self.last_error = ""

    @transition(field=status, source=list(UNDECIDED), target=PaymentStatus.UNKNOWN)
    def lose_track(self, error: str) -> None:
        """The provider was asked and we do not know what it did."""
        self.last_error = error

    @transition(field=status, source=list(UNDECIDED), target=PaymentStatus.FAILED)
    def fail(self, reason: str, message: str) -> None:
        """No money is held, or fraud forbids it."""
        self.failure_reason, self.message, self.last_error = reason, message, ""

    @transition(field=status, source=[*UNDECIDED, PaymentStatus.AUTHORIZED], target=PaymentStatus.VOIDED)
    def void(self) -> None:
        """The hold is given back."""
        self.last_error = ""

    @transition(field=status, source=PaymentStatus.AUTHORIZED, target=PaymentStatus.SUCCEEDED)
    def succeed(self, captured_amount: int) -> None:
        """The money is ours."""
        self.captured_amount, self.last_error = captured_amount, ""


class PaymentAuthorization(models.Model):
    """One intent at the provider. A payment goes by one of them; any other that holds money is released."""

    id = models.UUIDField(primary_key=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="authorizations")
    provider_intent_id = models.CharField(max_length=200, null=True, unique=True, db_comment="Null when nothing was due")  # noqa: DJ001
    status = FSMField(max_length=10, choices=AuthorizationStatus.choices, protected=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    captured_amount = models.BigIntegerField(default=0, db_default=0)
    capture_before = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "payment authorisation"
        constraints = (
            models.CheckConstraint(condition=Q(status__in=AuthorizationStatus.values), name="authorization_status_known"),
            models.CheckConstraint(
                condition=Q(captured_amount__gte=0, captured_amount__lte=F("amount")),
                name="authorization_captured_within_amount",
            ),
        )
        indexes = (models.Index(fields=["capture_before"], condition=Q(status="HELD"), name="authorization_held_until"),)

    def __str__(self) -> str:
        return f"authorisation {self.provider_intent_id or self.id}"

    @property
    def is_live(self) -> bool:
        """Whether money is held at the provider right now."""
        return self.status == AuthorizationStatus.HELD and self.provider_intent_id is not None

    @transition(field=status, source=AuthorizationStatus.HELD, target=AuthorizationStatus.CAPTURED)
    def capture(self, amount: int) -> None:
        """The provider has taken the money."""
        self.captured_amount = amount

    @transition(field=status, source=AuthorizationStatus.HELD, target=AuthorizationStatus.RELEASED)
    def release(self) -> None:
        """The provider holds nothing any more."""


class FraudCheck(models.Model):
    """The verdict on one payment; the first one stands."""

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, primary_key=True, related_name="fraud_check")
    verdict = models.CharField(max_length=6, choices=Verdict)
    score = models.FloatField(null=True)
    reason = models.CharField(max_length=40, blank=True, db_default="", db_comment="UNAVAILABLE: decided by policy")
    checked_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="fraud_verdict_known"),)

    def __str__(self) -> str:
        return f"{self.verdict} on {self.payment_id}"


class Refund(models.Model):
    """Captured money on its way back. Its id is the ``refundId`` and part of its idempotency key."""

    id = models.UUIDField(primary_key=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=16, choices=RefundKind, default=RefundKind.GOODS, db_default="GOODS")
    status = FSMField(max_length=10, choices=RefundStatus.choices, default=RefundStatus.REQUESTED, protected=True)
    reason = models.CharField(max_length=250)
    provider_refund_id = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001
    requested_by = models.CharField(max_length=120, blank=True)
    error = models.TextField(blank=True, db_default="")
    needs_approval = models.BooleanField(default=False, db_default=False, db_comment="Above the limit: a second person decides")
    decided_by = models.CharField(max_length=120, blank=True, db_default="")
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(null=True)
    retry_of = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="retry")
    requested_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=RefundKind.values), name="refund_kind_known"),
            models.CheckConstraint(condition=Q(status__in=RefundStatus.values), name="refund_status_known"),
            models.CheckConstraint(condition=Q(amount__gte=1), name="refund_amount_positive"),
        )
        indexes = (
            models.Index(fields=["requested_at"], condition=Q(status="REQUESTED"), name="refund_waiting"),
            models.Index(fields=["-id"], condition=Q(status="FAILED"), name="refund_failed"),
        )

    def __str__(self) -> str:
        return f"refund {self.id}"

    @property
    def waits_for_approval(self) -> bool:
        """Whether a second person has to decide before the provider is asked."""
        return self.needs_approval and self.approved is None

    @transition(field=status, source=RefundStatus.REQUESTED, target=RefundStatus.PROCESSED)
    def process(self) -> None:
        """The provider has accepted it."""
        self.error = ""

    @transition(field=status, source=[RefundStatus.REQUESTED, RefundStatus.PROCESSED], target=RefundStatus.FAILED)
    def fail(self, error: str) -> None:
        """The money did not go back."""
        self.error = error


class OrderReturn(models.Model):
    """One change of an order whose money was returned: the same change returns it once."""

    change_id = models.UUIDField(primary_key=True)
    order_id = models.UUIDField()
    amount = models.BigIntegerField()
    forgone = models.BigIntegerField(default=0, db_default=0, db_comment="Not returned: a person had given it back before")
    returned_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"return for change {self.change_id}"


class WebhookEvent(models.Model):
    """One verified webhook, as it came, and what it did. Forged ones never get here."""

    id = models.UUIDField(primary_key=True)
    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=255)
    type = models.CharField(max_length=100)
    body = models.BinaryField()
    received_at = models.DateTimeField(db_default=Now())
    status = models.CharField(max_length=10, choices=WebhookStatus, default=WebhookStatus.RECEIVED, db_default="RECEIVED")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    did = models.TextField(blank=True, db_default="", db_comment="What it did, or why nothing")
    worked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["provider", "event_id"], name="one_row_per_webhook"),
            models.CheckConstraint(condition=Q(status__in=WebhookStatus.values), name="webhook_status_known"),
        )
        indexes = (
            models.Index(fields=["status", "received_at"], condition=Q(status__in=("RECEIVED", "PARKED")), name="webhook_to_do"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class ProviderCall(models.Model):
    """One call that left the process: what was asked under which key, and what came of it. Append-only."""

    id = models.BigAutoField(primary_key=True)
    payment_id = models.UUIDField()
    operation = models.CharField(max_length=20)
    idempotency_key = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=20)
    detail = models.TextField(blank=True)
    milliseconds = models.PositiveIntegerField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = (models.Index(fields=["payment_id", "id"], name="provider_call_payment"),)

    def __str__(self) -> str:
        return f"{self.operation} {self.outcome}"
