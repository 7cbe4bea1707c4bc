"""Every command and subscription of this department, by name.

What leaves the process is told in ``authorising``, ``voiding``, ``capturing`` and ``refunding``; the rest is here.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from payments import deciding, differences, returning
from payments.authorising import authorize_payment
from payments.capturing import capture_all, capture_payment
from payments.queries import refund_view
from payments.reconciling import reconcile
from payments.refunding import process_refund_when_refund_requested, request_refund
from payments.returning import Why
from payments.states import RefundKind
from payments.voiding import void_authorization
from payments.webhooks import receive_stripe_webhooks
from shop.contracts.fulfilment.decisions import OrderUndeliverable
from shop.contracts.fulfilment.shipping import ShipmentCreated
from shop.contracts.ordering.events import OrderCancelled, OrderConfirmed, OrderHoldReleased
from shop.contracts.payments import (
    ApproveRefund,
    AuthorizeDifference,
    ReceiveStripeWebhook,
    ReconcilePayments,
    RefundOrder,
    RefundPayment,
    RefundsView,
    RefundView,
    RejectRefund,
    RetryRefund,
    ReturnDifference,
    VoidDifference,
)
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import in_batches

__all__ = [
    "approve_refund",
    "authorize_difference",
    "authorize_payment",
    "capture_payment",
    "capture_payment_when_hold_released",
    "capture_payment_when_order_confirmed",
    "capture_payment_when_shipment_created",
    "process_refund_when_refund_requested",
    "receive_stripe_webhook",
    "reconcile_payments",
    "refund_order",
    "refund_payment",
    "reject_refund",
    "retry_refund",
    "return_difference",
    "return_money_when_order_cancelled",
    "return_money_when_order_undeliverable",
    "void_authorization",
    "void_difference",
]

ON_CONFIRMATION, ON_SHIPMENT = "confirmed", "shipped"


@in_batches(50)
def capture_payment_when_order_confirmed(batch: Sequence[Envelope[OrderConfirmed]]) -> None:
    """Have the money of confirmed orders taken, where ``PAYMENTS_CAPTURE_ON`` says that this is the moment."""
    if settings.PAYMENTS_CAPTURE_ON == ON_CONFIRMATION:
        capture_all({envelope.message.order_id: envelope for envelope in batch})


@in_batches(50)
def capture_payment_when_hold_released(batch: Sequence[Envelope[OrderHoldReleased]]) -> None:
    """What a hold kept from being taken is taken now."""
    if settings.PAYMENTS_CAPTURE_ON == ON_CONFIRMATION:
        capture_all({envelope.message.order_id: envelope for envelope in batch})


@in_batches(50)
def capture_payment_when_shipment_created(batch: Sequence[Envelope[ShipmentCreated]]) -> None:
    """Have the money of shipped orders taken, where ``PAYMENTS_CAPTURE_ON`` says that this is the moment."""
    if settings.PAYMENTS_CAPTURE_ON == ON_SHIPMENT:
        capture_all({envelope.message.order_id: envelope for envelope in batch})


@in_batches(50)
def refund_payment(batch: Sequence[Envelope[RefundPayment]]) -> list[RefundView]:
    """Put refunds on record; the provider is asked later. Raises ``Missing`` or ``Refused`` for more than is left."""
    return [refund_view(request_refund(envelope.message, envelope)) for envelope in batch]


@in_batches(50)
def refund_order(batch: Sequence[Envelope[RefundOrder]]) -> list[RefundsView]:
    """Return money of an order from whichever of its payments has it. Raises ``Missing`` or ``Refused``."""
    made = [deciding.refund_order(envelope.message, envelope) for envelope in batch]
    return [RefundsView(refunds=[refund_view(refund) for refund in refunds]) for refunds in made]


@in_batches(50)
def approve_refund(batch: Sequence[Envelope[ApproveRefund]]) -> list[RefundView]:
    """Let refunds above the limit go out. Raises ``Missing``, or ``Refused`` to whoever asked for it."""
    return [refund_view(deciding.approve(envelope.message, envelope)) for envelope in batch]


@in_batches(50)
def reject_refund(batch: Sequence[Envelope[RejectRefund]]) -> list[RefundView]:
    """Do not let refunds above the limit go out. Raises ``Missing`` or ``Refused``."""
    return [refund_view(deciding.reject(envelope.message, envelope)) for envelope in batch]


@in_batches(50)
def retry_refund(batch: Sequence[Envelope[RetryRefund]]) -> list[RefundView]:
    """Try failed refunds again. Raises ``Missing`` or ``Refused``."""
    return [refund_view(deciding.retry(envelope.message, envelope)) for envelope in batch]


@in_batches(50)
def authorize_difference(batch: Sequence[Envelope[AuthorizeDifference]]) -> None:
    """Orders will cost more: have the difference held. Publishes what became of it, for a repeat again."""
    for envelope in sorted(batch, key=lambda each: each.message.payment_id):
        differences.authorize(envelope)


@in_batches(50)
def void_difference(batch: Sequence[Envelope[VoidDifference]]) -> None:
    """Changes will not be made: nothing is kept for them. Publishes ``DifferenceVoided``."""
    for envelope in sorted(batch, key=lambda each: each.message.payment_id):
        differences.void(envelope)


@in_batches(50)
def return_difference(batch: Sequence[Envelope[ReturnDifference]]) -> None:
    """Orders cost less: keep less of their money."""
    for envelope in batch:
        returning.return_difference(envelope.message, envelope)


@in_batches(50)
def return_money_when_order_cancelled(batch: Sequence[Envelope[OrderCancelled]]) -> None:
    """The order will not come: all of its money goes back, whatever state it is in."""
    causes = {envelope.message.order_id: envelope for envelope in batch}
    returning.return_all(causes, Why(RefundKind.ORDER_CANCELLED, "The order was cancelled", "order cancelled"))


@in_batches(50)
def return_money_when_order_undeliverable(batch: Sequence[Envelope[OrderUndeliverable]]) -> None:
    """Nothing will arrive: all that is left of the money goes back."""
    causes = {envelope.message.order_id: envelope for envelope in batch}
    returning.return_all(causes, Why(RefundKind.UNDELIVERABLE, "Nothing will arrive", "undeliverable"))


@in_batches(50)
def receive_stripe_webhook(batch: Sequence[Envelope[ReceiveStripeWebhook]]) -> None:
    """Work on stored webhooks."""
    receive_stripe_webhooks(batch)


def reconcile_payments(command: ReconcilePayments) -> None:
    """Ask the provider again about everything that should be known by now."""
    reconcile(command)
