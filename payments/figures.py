"""Payments that need a person, for the dashboard."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from shop.console.queues import Waiting
from shop.messaging.sets import fetch_rows

UNKNOWN: Final = "SELECT count(*), min(requested_at) FROM payments_payment WHERE status = 'UNKNOWN'"
REFUNDS: Final = """
    SELECT count(*), min(requested_at) FROM payments_refund
    WHERE status = 'REQUESTED' AND NOT (needs_approval AND approved IS NULL) AND requested_at < now() - interval '5 minutes'
"""
APPROVAL: Final = """
    SELECT count(*), min(requested_at) FROM payments_refund WHERE status = 'REQUESTED' AND needs_approval AND approved IS NULL
"""
# Neither tried again nor rejected by a person.
FAILED: Final = """
    SELECT count(*), min(r.closed_at) FROM payments_refund r
    WHERE r.status = 'FAILED' AND r.approved IS DISTINCT FROM false
      AND NOT EXISTS (SELECT 1 FROM payments_refund again WHERE again.retry_of_id = r.id)
"""
WEBHOOKS: Final = "SELECT count(*), min(received_at) FROM payments_webhookevent WHERE status = 'PARKED'"


def payment_queues() -> list[Waiting]:
    """Payments with an unknown outcome, refunds that do not move, failed or wait for a person, webhooks nobody could use."""
    ((unknown, unknown_since),) = fetch_rows(UNKNOWN)
    ((refunds, refunds_since),) = fetch_rows(REFUNDS)
    ((approval, asked),) = fetch_rows(APPROVAL)
    ((failed, failed_since),) = fetch_rows(FAILED)
    refunds_list = reverse("admin:payments_refund_changelist")
    ((parked, parked_since),) = fetch_rows(WEBHOOKS)
    payments = f"{reverse('admin:payments_payment_changelist')}?tab=unknown"
    waiting = f"{reverse('admin:payments_refund_changelist')}?tab=waiting"
    webhooks = f"{reverse('admin:payments_webhookevent_changelist')}?tab=parked"
    return [
        Waiting(
            "Unknown payments",
            unknown,
            unknown_since,
            payments,
            "payments.view_payment",
            "help",
            "The provider has not said what became of them.",
        ),
        Waiting(
            "Refunds waiting", refunds, refunds_since, waiting, "payments.view_refund", "hourglass", "Older than five minutes."
        ),
        Waiting(
            "Refunds to approve",
            approval,
            asked,
            f"{refunds_list}?tab=approval",
            "payments.view_refund",
            "task_alt",
            "Above the limit: a second person decides.",
        ),
        Waiting(
            "Failed refunds",
            failed,
            failed_since,
            f"{refunds_list}?tab=failed",
            "payments.view_refund",
            "money_off",
            "The money did not go back. Try again.",
        ),
        Waiting(
            "Parked webhooks",
            parked,
            parked_since,
            webhooks,
            "payments.view_webhookevent",
            "webhook",
            "About something we do not know.",
        ),
    ]
