"""What people decide about refunds: of a whole order, above the limit, and once more after a failure."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from payments import facts
from payments.accounts import database_now
from payments.models import Payment, Refund
from payments.refunding import Wish, above_the_limit, left_of, put_on_record, too_large
from payments.states import RefundStatus
from shop.contracts.payments import ApproveRefund, RefundOrder, RejectRefund, RetryRefund
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Missing, Refused


def refund_order(command: RefundOrder, envelope: Envelope[RefundOrder]) -> list[Refund]:
    """Put refunds on record, from the newest payment of the order backwards. Raises ``Missing`` or ``Refused``."""
    payments = list(Payment.objects.select_for_update().filter(order_id=command.order_id).order_by("id"))
    if not payments:
        raise Missing("payment_not_found", "This order has no payment.")
    known = list(Refund.objects.filter(id__in=[uuid5(envelope.id, str(payment.id)) for payment in payments]))
    if known:
        return known
    left = {payment.id: left_of(payment) for payment in payments}
    due = command.amount or sum(left.values())
    if due == 0:
        raise Refused("nothing_to_refund", "Nothing captured is left to refund on this order.")
    if due > sum(left.values()):
        raise too_large(sum(left.values()))
    wish = Wish(command.refund_type, command.reason, above_the_limit(due))
    made = []
    for payment in reversed(payments):
        if amount := min(due, left[payment.id]):
            made.append(put_on_record(uuid5(envelope.id, str(payment.id)), payment, amount, wish, envelope))
            due -= amount
    return made


def approve(command: ApproveRefund, envelope: Envelope[ApproveRefund]) -> Refund:
    """Let it go out. Repeated by the same person it changes nothing. Raises ``Missing`` or ``Refused``."""
    refund = _locked(command.refund_id)
    if refund.approved and refund.decided_by == envelope.actor:
        return refund
    _decide(refund, envelope, approved=True)
    refund.save(update_fields=["approved", "decided_by", "decided_at"])
    publish(facts.refund_requested(refund, refund.payment, database_now()), cause=envelope)
    return refund


def reject(command: RejectRefund, envelope: Envelope[RejectRefund]) -> Refund:
    """Do not let it go out; its money counts as left again. Raises ``Missing`` or ``Refused``."""
    refund = _locked(command.refund_id)
    _decide(refund, envelope, approved=False)
    refund.fail(f"Rejected: {command.reason}")
    refund.closed_at = refund.decided_at
    refund.save()
    return refund


def retry(command: RetryRefund, envelope: Envelope[RetryRefund]) -> Refund:
    """A failed refund once more, under an id and therefore a key of its own. A repeat answers with the one there is.

    Raises ``Missing``, or ``Refused`` when it did not fail, was rejected, or the money has gone back otherwise.
    """
    found = Refund.objects.filter(id=command.refund_id).values_list("payment_id", flat=True).first()
    payment = Payment.objects.select_for_update().filter(id=found).first() if found else None
    failed = _locked(command.refund_id)
    again = Refund.objects.filter(retry_of=failed).first()
    if again is not None:
        return again
    if failed.status != RefundStatus.FAILED:
        raise Refused("refund_not_failed", f"It is {failed.status.lower()}: only a failed refund is tried again.")
    if failed.approved is False:
        raise Refused("refund_rejected", "It was rejected. Ask for a new one.")
    assert payment is not None
    if failed.amount > (left := left_of(payment)):
        raise too_large(left)
    wish = Wish(failed.kind, failed.reason, retry_of=failed)
    return put_on_record(uuid5(failed.id, "retry"), payment, failed.amount, wish, envelope)


def _locked(refund_id: UUID) -> Refund:
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment").filter(id=refund_id).first()
    if refund is None:
        raise Missing("refund_not_found", "There is no such refund.")
    return refund


def _decide(refund: Refund, envelope: Envelope[Any], *, approved: bool) -> None:
    if not refund.waits_for_approval or refund.status != RefundStatus.REQUESTED:
        raise Refused("refund_not_waiting", "It does not wait for anybody's approval.")
    if approved and refund.requested_by == envelope.actor:
        raise Refused("second_person_needed", "You asked for it yourself: somebody else has to approve it.")
    refund.approved, refund.decided_by, refund.decided_at = approved, envelope.actor, database_now()
