"""Commands this department sends to itself, made from a payment's row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from payments.models import Payment
from shop.contracts.ordering.checkout import AuthorizePayment
from shop.contracts.payments import CapturePayment, VoidAuthorization
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope

Cause = Envelope[Any] | None


def authorize_again(payment: Payment, *, cause: Cause = None, due_at: datetime | None = None) -> None:
    """Ask the provider again, under the same key."""
    command = AuthorizePayment(
        cart_id=payment.cart_id or payment.id,
        customer_id=payment.customer_id,
        amount=payment.amount,
        currency=payment.currency,
        payment_id=payment.id,
        order_id=payment.order_id,
        checkout_session_id=payment.checkout_session_id,
        payment_method_id=payment.method_token or None,
    )
    send(command, cause=cause, due_at=due_at)


def void_again(payment: Payment, *, cause: Cause = None, due_at: datetime | None = None) -> None:
    """See to it that the provider holds nothing for this payment."""
    command = VoidAuthorization(
        payment_id=payment.id,
        order_id=payment.order_id,
        reason=payment.void_reason or None,
        checkout_session_id=payment.checkout_session_id,
    )
    send(command, cause=cause, due_at=due_at)


def capture_again(payment: Payment, *, cause: Cause = None, due_at: datetime | None = None) -> None:
    """Take the money, if that has not happened yet."""
    send(CapturePayment(payment_id=payment.id, order_id=payment.order_id), cause=cause, due_at=due_at)
