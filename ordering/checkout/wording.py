"""What a customer is told about a checkout. Never what fraud screening found, never a technical cause."""

from __future__ import annotations

from typing import Final

from ordering.checkout.states import CheckoutState

PROCESSING: Final = {
    CheckoutState.STARTED.value: "We have received your order and are getting started.",
    CheckoutState.RESERVING_INVENTORY.value: "We are reserving your items.",
    CheckoutState.AUTHORIZING_PAYMENT.value: "We are confirming your payment.",
    CheckoutState.CREATING_ORDER.value: "Your payment is confirmed. We are creating your order.",
    CheckoutState.COMPENSATING.value: "We could not place your order. Whatever was held for it is being released.",
}
COMPLETED: Final = "Thank you! Your order has been placed."
DELAYED: Final = "This is taking longer than usual. We are looking into it and you do not have to do anything."
DELAYED_TURNING_BACK: Final = (
    "We could not place your order. Releasing what was held for it takes longer than usual; we are looking into it."
)
FAILED: Final = {
    "OUT_OF_STOCK": "Some of your items are no longer available in this quantity. You have not been charged.",
    "PAYMENT_DECLINED": "Your payment was declined. You have not been charged.",
    "FRAUD": "We could not accept this payment. You have not been charged. Please contact us or pay in another way.",
    "TIMED_OUT": "We could not complete your order in time. You have not been charged. Please try again.",
    "CANCELLED_BY_OPERATOR": "Your order was cancelled before it was placed. You have not been charged.",
    "ERROR": "Something went wrong on our side. You have not been charged. Please try again.",
}


def failed_because(reason: str) -> str:
    """The sentence for a published abort reason."""
    return FAILED[reason]
