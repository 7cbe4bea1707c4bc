"""What others may know about payments. Reads only."""

from __future__ import annotations

from payments.models import Payment, Refund
from shop.contracts.payments import GetPayment, PaymentView, RefundView
from shop.messaging.errors import Missing


def get_payment(query: GetPayment) -> PaymentView:
    """One payment. Raises ``Missing``."""
    payment = Payment.objects.filter(id=query.payment_id).first()
    if payment is None:
        raise Missing("payment_not_found", "There is no such payment.")
    return payment_view(payment)


def payment_view(payment: Payment) -> PaymentView:
    """A payment in the words of the contract."""
    return PaymentView(
        payment_id=payment.id,
        order_id=payment.order_id,
        status=payment.status,
        amount=payment.amount,
        currency=payment.currency,
        captured_amount=payment.captured_amount,
        refunded_amount=payment.refunded_amount,
        processor_reference=payment.intent_id or None,
        failure_reason=payment.failure_reason or None,  # type: ignore[arg-type]
        message=payment.message or None,
    )


def refund_view(refund: Refund) -> RefundView:
    """A refund in the words of the contract."""
    return RefundView(
        refund_id=refund.id,
        payment_id=refund.payment_id,
        status=refund.status,
        amount=refund.amount,
        currency=refund.currency,
        needs_approval=True if refund.waits_for_approval else None,
    )
