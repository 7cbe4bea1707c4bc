"""What an operator can do to payments, refunds and webhooks. What leaves the process goes by mail, under its own keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from payments.models import Payment, WebhookEvent
from payments.models import Refund as RefundRow
from payments.states import UNDECIDED, PaymentStatus, RefundStatus, WebhookStatus
from shop.console.formats import in_minor_units, money
from shop.console.verbs import CommandVerb, ReasonForm
from shop.contracts import payments as contracts
from shop.contracts.base import Command
from shop.contracts.ordering import AuthorizePayment
from shop.contracts.payments import CapturePayment, ReceiveStripeWebhook, RefundPayment, VoidAuthorization
from shop.messaging.context import current_actor


class PaymentVerb(CommandVerb):
    """A verb on one payment; its answer appears in the timeline of its checkout."""

    by_mail = True

    def chain(self, row: Payment) -> UUID | None:
        return row.checkout_session_id


class Void(PaymentVerb):
    """Give the hold back."""

    name, label, icon, tone = "void", "Void", "money_off", "bad"
    meaning = "Gives the held money back to the customer. Nothing can be captured from this payment any more."

    def refusal(self, row: Payment) -> str:
        if row.status in {*UNDECIDED, PaymentStatus.AUTHORIZED}:
            return ""
        return f"It is {row.get_status_display().lower()}: nothing is held." + (
            " Refund it instead." if row.status == PaymentStatus.SUCCEEDED else ""
        )

    def command(self, row: Payment, given: Mapping[str, Any]) -> Command:
        return VoidAuthorization(
            payment_id=row.pk,
            order_id=row.order_id,
            reason=str(given["reason"])[:250],
            checkout_session_id=row.checkout_session_id,
        )


class Capture(PaymentVerb):
    """Take the held money."""

    name, label, icon, tone = "capture", "Capture", "paid", "good"
    meaning = "Takes the held money, all of it, at most once. Normally this happens by itself when the order is confirmed."

    def refusal(self, row: Payment) -> str:
        if row.void_requested:
            return "It is being voided."
        authorised = row.status == PaymentStatus.AUTHORIZED
        return "" if authorised else f"It is {row.get_status_display().lower()}: only held money can be captured."

    def command(self, row: Payment, given: Mapping[str, Any]) -> Command:
        return CapturePayment(payment_id=row.pk, order_id=row.order_id)


class AskAgain(PaymentVerb):
    """Ask the provider what became of it."""

    name, label, icon, tone = "ask", "Ask the provider again", "sync", "plain"
    meaning = "Asks the provider under the same key. Money is never held twice, whatever it answers."

    def refusal(self, row: Payment) -> str:
        undecided = row.status in UNDECIDED
        return "" if undecided else f"It is {row.get_status_display().lower()}: its outcome is known."

    def command(self, row: Payment, given: Mapping[str, Any]) -> Command:
        if row.void_requested:
            return VoidAuthorization(
                payment_id=row.pk,
                order_id=row.order_id,
                reason=row.void_reason or None,
                checkout_session_id=row.checkout_session_id,
            )
        return AuthorizePayment(
            cart_id=row.cart_id or row.pk,
            customer_id=row.customer_id,
            amount=row.amount,
            currency=row.currency,
            payment_id=row.pk,
            order_id=row.order_id,
            checkout_session_id=row.checkout_session_id,
            payment_method_id=row.method_token or None,
        )


class RefundForm(ReasonForm):
    """How much goes back."""

    amount = forms.CharField(
        max_length=20,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "placeholder": "everything that is left"}),
        help_text="As people write it, for example 12.50. Empty returns all that is left.",
    )
    field_order = ("amount", "reason")


class Refund(PaymentVerb):
    """Return captured money."""

    name, label, icon, tone, bulk = "refund", "Refund", "currency_exchange", "bad", False
    meaning = "Returns captured money to the customer, whole or in part."
    form = RefundForm
    by_mail = False

    def refusal(self, row: Payment) -> str:
        if row.status != PaymentStatus.SUCCEEDED:
            return f"It is {row.get_status_display().lower()}: only captured money can be refunded."
        return "" if row.refunded_amount < row.captured_amount else "All of it has been refunded."

    def command(self, row: Payment, given: Mapping[str, Any]) -> Command:
        amount = in_minor_units(str(given["amount"]), row.currency) if given["amount"] else None
        return RefundPayment(payment_id=row.pk, amount=amount, reason=str(given["reason"])[:250])

    def sentence(self, row: Payment, answer: Any) -> str:
        if answer.needs_approval:
            return f"{money(answer.amount, answer.currency)} will go back once somebody else has approved it."
        return f"{money(answer.amount, answer.currency)} on the way back; the provider is asked now."


class RefundVerb(CommandVerb):
    """A verb on one refund; what comes of it appears with its payment."""

    def chain(self, row: RefundRow) -> UUID | None:
        return row.payment.checkout_session_id


class RetryRefund(RefundVerb):
    """Try a failed one again."""

    name, label, icon, tone = "retry", "Try again", "replay", "good"
    meaning = "Makes a refund of the same amount, under a key of its own. A failed refund is tried again once."

    def refusal(self, row: RefundRow) -> str:
        if row.status != RefundStatus.FAILED:
            return f"It is {row.get_status_display().lower()}: only a failed refund is tried again."
        if row.approved is False:
            return "It was rejected. Ask for a new one."
        return "It was tried again already." if RefundRow.objects.filter(retry_of=row).exists() else ""

    def command(self, row: RefundRow, given: Mapping[str, Any]) -> Command:
        return contracts.RetryRefund(refund_id=row.pk)

    def sentence(self, row: RefundRow, answer: Any) -> str:
        return f"{money(answer.amount, answer.currency)} on the way back again; the provider is asked now."


class Approve(RefundVerb):
    """Let one above the limit go out."""

    name, label, icon, tone = "approve", "Approve", "task_alt", "good"
    meaning = "Lets it go out. Whoever asked for it cannot approve it."

    def refusal(self, row: RefundRow) -> str:
        return _not_waiting(row) or ("You asked for it yourself." if row.requested_by == current_actor() else "")

    def command(self, row: RefundRow, given: Mapping[str, Any]) -> Command:
        return contracts.ApproveRefund(refund_id=row.pk)

    def sentence(self, row: RefundRow, answer: Any) -> str:
        return "approved; the provider is asked now."


class Reject(RefundVerb):
    """Do not let one above the limit go out."""

    name, label, icon, tone = "reject", "Reject", "block", "bad"
    meaning = "It does not go out. The money counts as left to refund again."

    def refusal(self, row: RefundRow) -> str:
        return _not_waiting(row)

    def command(self, row: RefundRow, given: Mapping[str, Any]) -> Command:
        return contracts.RejectRefund(refund_id=row.pk, reason=str(given["reason"])[:250])

    def sentence(self, row: RefundRow, answer: Any) -> str:
        return "rejected; nothing goes back."


def _not_waiting(row: RefundRow) -> str:
    return "" if row.waits_for_approval and row.status == RefundStatus.REQUESTED else "It does not wait for anybody's approval."


class Reprocess(CommandVerb):
    """Work on a webhook again."""

    name, label, icon, tone = "reprocess", "Reprocess", "replay", "good"
    meaning = "Works on the stored webhook again. The same event has its effect once."

    def refusal(self, row: WebhookEvent) -> str:
        waiting = row.status in {WebhookStatus.PARKED, WebhookStatus.RECEIVED}
        return "" if waiting else f"It is {row.get_status_display().lower()}: there is nothing left to do."

    def command(self, row: WebhookEvent, given: Mapping[str, Any]) -> Command:
        return ReceiveStripeWebhook(inbox_id=row.pk)

    def sentence(self, row: WebhookEvent, answer: Any) -> str:
        done = WebhookEvent.objects.get(pk=row.pk)
        return f"it is now {done.get_status_display().lower()}: {done.did or 'nothing was left to do'}."


PAYMENT_VERBS = (AskAgain(), Capture(), Void(), Refund())
REFUND_VERBS = (Approve(), Reject(), RetryRefund())
WEBHOOK_VERBS = (Reprocess(),)
