"""The screens of payments: ours beside what the provider said, and every webhook with what it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from payments.models import Payment, Refund, WebhookEvent
from payments.pages import payment_sections, webhook_sections
from payments.states import UNDECIDED, PaymentStatus, RefundStatus
from payments.verbs import PAYMENT_VERBS, REFUND_VERBS, WEBHOOK_VERBS
from shop.console.base import OpsModelAdmin, Tab
from shop.console.directory import Kind, find, link_to, names_of, register
from shop.console.formats import moment, money
from shop.console.sections import Facts, Said
from shop.console.terms import Term
from shop.console.webhooks import InboxAdmin


@admin.register(Payment)
class PaymentAdmin(OpsModelAdmin):
    """Default: money that is not settled."""

    intro = "Our ledger beside the provider's. UNKNOWN means that the provider has not told us yet, not that it failed."
    empty = ("Nothing is unsettled", "Every payment is captured, failed or voided. Choose “All” to see them.")
    verbs = PAYMENT_VERBS
    tones = {
        "REQUESTED": "busy", "UNKNOWN": "bad", "AUTHORIZED": "busy", "SUCCEEDED": "good", "FAILED": "plain", "VOIDED": "plain",
    }  # fmt: skip
    tabs = (
        Tab("open", "Not settled", lambda rows: rows.filter(status__in=(*UNDECIDED, PaymentStatus.AUTHORIZED))),
        Tab("unknown", "Unknown", lambda rows: rows.filter(status=PaymentStatus.UNKNOWN)),
        Tab("captured", "Captured", lambda rows: rows.filter(status=PaymentStatus.SUCCEEDED)),
        Tab("failed", "Failed", lambda rows: rows.filter(status=PaymentStatus.FAILED)),
        Tab("voided", "Voided", lambda rows: rows.filter(status=PaymentStatus.VOIDED)),
        Tab("all", "All", lambda rows: rows),
    )
    list_display = ("name_", "state_", "amount_", "captured", "refunded", "order", "customer", "age", "problem")
    list_display_links = ("name_",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Payment, order or checkout id, or provider reference"

    @display(description="Payment")
    def name_(self, row: Payment) -> str:
        return f"…{str(row.pk)[-12:]}"

    @display(description="State")
    def state_(self, row: Payment) -> Any:
        return self.state_of(row)

    @display(description="Amount")
    def amount_(self, row: Payment) -> str:
        return money(row.amount, row.currency)

    @display(description="Captured")
    def captured(self, row: Payment) -> str:
        return money(row.captured_amount, row.currency) if row.captured_amount else "—"

    @display(description="Refunded")
    def refunded(self, row: Payment) -> str:
        return money(row.refunded_amount, row.currency) if row.refunded_amount else "—"

    @display(description="Order")
    def order(self, row: Any) -> Any:
        return link_to("order", row.order_id, row.order_name) if row.order_name else "—"

    @display(description="Customer")
    def customer(self, row: Any) -> Any:
        return link_to("customer", row.customer_id, row.customer_name)

    @display(description="Requested")
    def age(self, row: Payment) -> Any:
        return moment(row.requested_at)

    @display(description="Problem")
    def problem(self, row: Payment) -> str:
        return (row.last_error or row.message or row.get_failure_reason_display())[:120] or "—"

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        orders = names_of("order", {row.order_id for row in rows})
        customers = names_of("customer", {row.customer_id for row in rows})
        for row in rows:
            row.order_name, row.customer_name = orders.get(row.order_id), customers.get(row.customer_id)

    def search(self, rows: QuerySet[Payment], term: Term) -> QuerySet[Payment]:
        if term.uuid:
            return rows.filter(Q(pk=term.uuid) | Q(order_id=term.uuid))
        if term.confirmation:
            return rows.filter(order_id__in=find("order", term.confirmation))
        return rows.filter(authorizations__provider_intent_id=term.text)

    def label_of(self, row: Payment) -> str:
        return f"Payment over {money(row.amount, row.currency)}"

    def subtitle_of(self, row: Payment) -> str:
        return f"payment {row.pk}"

    def history_of(self, row: Any) -> Sequence[str]:
        return ()

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Any]:
        return payment_sections(row)


@admin.register(Refund)
class RefundAdmin(OpsModelAdmin):
    """Default: all, the newest first."""

    intro = "Captured money on its way back. A refund counts against what is left before the provider hears of it."
    empty = ("No refunds here", "Refunds are made on the page of a captured payment.")
    verbs = REFUND_VERBS
    tones = {"REQUESTED": "busy", "PROCESSED": "good", "FAILED": "bad"}
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("waiting", "Waiting", lambda rows: rows.filter(status=RefundStatus.REQUESTED)),
        Tab(
            "approval",
            "To approve",
            lambda rows: rows.filter(status=RefundStatus.REQUESTED, needs_approval=True, approved__isnull=True),
        ),
        Tab("failed", "Failed", lambda rows: rows.filter(status=RefundStatus.FAILED)),
    )
    list_display = ("name_", "state_", "amount_", "kind", "payment_", "reason", "requested_by", "age")
    list_display_links = ("name_",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Refund or payment id"

    @display(description="Refund")
    def name_(self, row: Refund) -> str:
        return f"…{str(row.pk)[-12:]}"

    @display(description="State")
    def state_(self, row: Refund) -> Any:
        return self.state_of(row)

    @display(description="Amount")
    def amount_(self, row: Refund) -> str:
        return money(row.amount, row.currency)

    @display(description="Payment")
    def payment_(self, row: Refund) -> Any:
        return link_to("payment", row.payment_id)

    @display(description="Requested")
    def age(self, row: Refund) -> Any:
        return moment(row.requested_at)

    def search(self, rows: QuerySet[Refund], term: Term) -> QuerySet[Refund]:
        if term.uuid:
            return rows.filter(Q(pk=term.uuid) | Q(payment_id=term.uuid))
        return rows.filter(provider_refund_id=term.text)

    def label_of(self, row: Refund) -> str:
        return f"Refund of {money(row.amount, row.currency)}"

    def sections(self, request: HttpRequest, row: Refund) -> Sequence[Any]:
        problem = [Said(row.error, "bad", "What went wrong:")] if row.error else []
        facts = (
            ("Payment", link_to("payment", row.payment_id, row.payment_id)),
            ("What for", row.get_kind_display()),
            ("Reason", row.reason),
            ("Requested by", row.requested_by),
            ("Requested", moment(row.requested_at, full=True)),
            ("Decided", f"{'approved' if row.approved else 'rejected'} by {row.decided_by}" if row.decided_at else ""),
            ("Tries again", link_to("refund", row.retry_of_id, row.retry_of_id) if row.retry_of_id else ""),
            ("Closed", moment(row.closed_at, full=True)),
            ("Provider's reference", row.provider_refund_id),
        )
        return (*problem, Facts("Refund", facts))


@admin.register(WebhookEvent)
class WebhookEventAdmin(InboxAdmin):
    """What the payment provider told us."""

    empty = ("No webhooks here", "The provider has not told us anything of this kind.")
    verbs = WEBHOOK_VERBS

    def search(self, rows: QuerySet[WebhookEvent], term: Term) -> QuerySet[WebhookEvent]:
        return super().search(rows.filter(provider="stripe"), term)

    def sections(self, request: HttpRequest, row: WebhookEvent) -> Sequence[Any]:
        return webhook_sections(row)


register(Kind("payment", "payments_payment", "payments.view_payment"))
register(Kind("refund", "payments_refund", "payments.view_refund"))
