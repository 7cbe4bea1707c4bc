"""When an order's money is settled, and what that lets it do (``PAYMENTS_CAPTURE_ON``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.conf import settings

from ordering.orders.models import Order
from ordering.orders.moving import Moves
from ordering.orders.states import LifecycleStatus
from shop.contracts.payments import PaymentSucceeded
from shop.messaging.envelope import Envelope

ON_CONFIRMATION: Final = "confirmed"


def money_is_settled(order: Order) -> bool:
    """Whether nothing more has to happen to the money before the order is picked: it is captured, or will be as it ships.

    An order that was made without a payment is paid elsewhere.
    """
    return order.payment_id is None or order.paid_at is not None or settings.PAYMENTS_CAPTURE_ON != ON_CONFIRMATION


def note_payments(batch: Sequence[Envelope[PaymentSucceeded]]) -> None:
    """These payments are captured: their orders go on to the warehouse unless they are held. In any order, any number of times.

    An order may have further payments, for what was added later; only its own lets it go on.
    """
    moves = Moves.lock(envelope.message.order_id for envelope in batch)
    for envelope in batch:
        order = moves.orders.get(envelope.message.order_id)
        if order is None or order.payment_id != envelope.message.payment_id or order.paid_at is not None:
            continue
        order.paid_at = envelope.message.succeeded_at
        moves.touch(order)
        if order.lifecycle_status == LifecycleStatus.CONFIRMED:
            moves.take(order, lambda: order.await_fulfilment(moves.at), "", envelope)  # noqa: B023
    moves.write()
