"""Nothing is left hanging: whatever the provider may know better than we do is asked again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.db.models import F
from django.db.models.functions import Now

from payments.commands import authorize_again, capture_again, void_again
from payments.models import Payment, PaymentAuthorization
from payments.states import UNDECIDED, AuthorizationStatus, PaymentStatus
from shop.contracts.payments import ReconcilePayments

log = structlog.get_logger(__name__)

# Asking again is on its way by mail; this is for when that mail was lost, discarded or died.
OVERDUE = timedelta(seconds=30)
NEXT_LOOK = timedelta(seconds=60)
HOLD_RUNS_OUT_WITHIN = timedelta(hours=24)


def reconcile(command: ReconcilePayments) -> int:
    """Ask again about payments whose outcome should be known by now, at most ``limit`` of them; how many."""
    overdue = list(
        Payment.objects.filter(ask_again_at__lte=Now() - OVERDUE)
        .select_for_update(skip_locked=True)
        .order_by("ask_again_at")[: command.limit]
    )
    for payment in overdue:
        _ask_again(payment)
    Payment.objects.filter(id__in=[payment.id for payment in overdue]).update(
        ask_again_at=Now() + NEXT_LOOK, version=F("version") + 1
    )
    _warn_of_holds_that_run_out()
    return len(overdue)


def holds_that_run_out(within: timedelta = HOLD_RUNS_OUT_WITHIN) -> Sequence[PaymentAuthorization]:
    """Holds that the provider will drop within this time unless they are captured, soonest first; at most 100."""
    rows = PaymentAuthorization.objects.filter(
        status=AuthorizationStatus.HELD, capture_before__lte=Now() + within, payment__status=PaymentStatus.AUTHORIZED
    )
    return list(rows.order_by("capture_before")[:100])


def _ask_again(payment: Payment) -> None:
    if payment.void_requested or payment.status in (PaymentStatus.FAILED, PaymentStatus.VOIDED):
        void_again(payment)
    elif payment.status in UNDECIDED:
        authorize_again(payment)
    elif payment.status == PaymentStatus.AUTHORIZED and payment.capture_requested:
        capture_again(payment)


def _warn_of_holds_that_run_out() -> None:
    for item in holds_that_run_out():
        log.warning("hold_runs_out", payment=str(item.payment_id), capture_before=item.capture_before)
