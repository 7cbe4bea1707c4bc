"""What the pages of one payment and one webhook are made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from payments.models import FraudCheck, Payment, ProviderCall, WebhookEvent
from shop.console.directory import link_to
from shop.console.formats import as_json, badge, code, moment, money, span
from shop.console.sections import Document, Facts, Said, Table, Timeline
from shop.console.timeline import entries_of, read_chain

INTENT_TONES = {"HELD": "busy", "CAPTURED": "good", "RELEASED": "plain", "DECLINED": "bad"}
REFUND_TONES = {"REQUESTED": "busy", "PROCESSED": "good", "FAILED": "bad"}
VERDICT_TONES = {"pass": "good", "review": "warn", "refuse": "bad"}
MOST_CALLS = 100
OUR_HOLD = {"AUTHORIZED": "HELD", "SUCCEEDED": "CAPTURED", "VOIDED": "RELEASED"}


def payment_sections(row: Any) -> Sequence[Any]:
    """What we hold to be true, what the provider said, and everything that was asked."""
    chain = read_chain([row.checkout_session_id or row.pk])
    return (
        *_warnings(row),
        Facts("What we hold to be true", _facts(row)),
        _intents(row),
        _fraud(row),
        _refunds(row),
        _calls(row),
        Timeline("Timeline", entries_of(chain, [str(row.pk)])),
    )


def _warnings(row: Payment) -> list[Said]:
    if row.last_error:
        return [Said(row.last_error, "bad", "We do not know what the provider did:")]
    if row.message:
        return [Said(row.message, "warn", "Told to the customer:")]
    return []


def _facts(row: Any) -> Sequence[tuple[str, Any]]:
    return (
        ("Amount", money(row.amount, row.currency)),
        ("Captured", money(row.captured_amount, row.currency)),
        ("Refunded", money(row.refunded_amount, row.currency)),
        ("Failure", row.get_failure_reason_display()),
        ("Order", link_to("order", row.order_id, row.order_name or row.order_id) if row.order_name else "none"),
        ("Checkout", link_to("checkout", row.checkout_session_id)),
        ("Customer", link_to("customer", row.customer_id, row.customer_name)),
        ("Goes by intent", code(row.intent_id)),
        ("Void wanted", f"yes: {row.void_reason}" if row.void_requested else "no"),
        ("Capture wanted", "yes" if row.capture_requested else "no"),
        ("Asked", f"{row.asked} times"),
        ("Asks again", moment(row.ask_again_at, full=True)),
        ("Requested", moment(row.requested_at, full=True)),
        ("Authorised", moment(row.authorized_at, full=True)),
        ("Closed", moment(row.closed_at, full=True)),
    )


def _intents(row: Payment) -> Table:
    expected = OUR_HOLD.get(str(row.status))
    rows = [
        (
            code(intent.provider_intent_id or "nothing was due"),
            badge(intent.get_status_display(), INTENT_TONES[intent.status]),
            money(intent.amount, intent.currency),
            money(intent.captured_amount, intent.currency),
            moment(intent.capture_before),
            moment(intent.updated_at),
            badge("agrees", "good")
            if intent.provider_intent_id != row.intent_id or intent.status == expected
            else badge("differs", "bad"),
        )
        for intent in row.authorizations.order_by("created_at")
    ]
    headings = ("Intent", "Provider says", "Amount", "Captured", "Capture before", "Last heard", "With ours")
    return Table("What the provider last said", headings, rows, empty="The provider has not confirmed any hold.")


def _fraud(row: Payment) -> Table:
    checks = [
        (
            badge(check.get_verdict_display(), VERDICT_TONES[check.verdict]),
            "—" if check.score is None else f"{check.score:.2f}",
            check.reason or "—",
            moment(check.checked_at, full=True),
        )
        for check in FraudCheck.objects.filter(payment=row)
    ]
    return Table("Fraud check", ("Verdict", "Score (0 harmless, 1 fraud)", "Reason", "Checked"), checks, empty="Not screened.")


def _refunds(row: Payment) -> Table:
    rows = [
        (
            link_to("refund", refund.pk),
            badge(refund.get_status_display(), REFUND_TONES[refund.status]),
            money(refund.amount, refund.currency),
            refund.reason,
            refund.requested_by or "—",
            moment(refund.requested_at),
        )
        for refund in row.refunds.order_by("requested_at")
    ]
    return Table("Refunds", ("Refund", "State", "Amount", "Why", "Who", "Requested"), rows, empty="Nothing was refunded.")


def _calls(row: Payment) -> Table:
    rows = [
        (
            moment(call.recorded_at),
            call.operation,
            call.outcome,
            span(call.milliseconds / 1000),
            code(call.idempotency_key),
            call.detail[:200] or "—",
        )
        for call in ProviderCall.objects.filter(payment_id=row.pk).order_by("-id")[:MOST_CALLS]
    ]
    headings = ("When", "Asked", "Answer", "Took", "Idempotency key", "Detail")
    return Table("Calls that left the house", headings, rows, empty="The provider was never asked.")


def webhook_sections(row: WebhookEvent) -> Sequence[Any]:
    """What came, and what it did."""
    facts = (
        ("Provider", row.provider),
        ("Their id", code(row.event_id)),
        ("Received", moment(row.received_at, full=True)),
        ("Worked on", moment(row.worked_at, full=True)),
        ("Attempts", f"{row.attempts}"),
    )
    tone = "bad" if row.status == "PARKED" else "plain"
    return (
        Said(row.did or "Nothing yet: it waits to be worked on.", tone, "What it did:"),
        Facts("Webhook", facts),
        Document("What it says", _body(row)),
    )


def _body(row: WebhookEvent) -> str:
    raw = bytes(row.body)
    try:
        return as_json(json.loads(raw))
    except ValueError:
        return raw.decode("utf-8", "replace")
