"""Stripe's test payment methods. Source: https://docs.stripe.com/testing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decline:
    """Why a card is refused: Stripe's error code, decline code where there is one, and message."""

    code: str
    decline_code: str | None
    message: str


DECLINED = "Your card was declined."
DECLINES = {
    "generic_decline": Decline("card_declined", "generic_decline", DECLINED),
    "insufficient_funds": Decline("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    "lost_card": Decline("card_declined", "lost_card", DECLINED),
    "stolen_card": Decline("card_declined", "stolen_card", DECLINED),
    "fraudulent": Decline("card_declined", "fraudulent", DECLINED),
    "expired_card": Decline("expired_card", None, "Your card has expired."),
    "incorrect_cvc": Decline("incorrect_cvc", None, "Your card's security code is incorrect."),
    "processing_error": Decline(
        "processing_error", None, "An error occurred while processing your card. Try again in a little bit."
    ),
}
DECLINE_BY_CARD = {
    "pm_card_chargeDeclined": "generic_decline",
    "pm_card_visa_chargeDeclined": "generic_decline",
    "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_visa_chargeDeclinedLostCard": "lost_card",
    "pm_card_visa_chargeDeclinedStolenCard": "stolen_card",
    "pm_card_radarBlock": "fraudulent",
    "pm_card_chargeDeclinedExpiredCard": "expired_card",
    "pm_card_chargeDeclinedIncorrectCvc": "incorrect_cvc",
    "pm_card_chargeDeclinedProcessingError": "processing_error",
}
PENDING_REFUND = "pm_card_pendingRefund"
FAILING_REFUND = "pm_card_refundFail"
ACCEPTED = frozenset(
    {
        "pm_card_visa",
        "pm_card_visa_debit",
        "pm_card_mastercard",
        "pm_card_mastercard_debit",
        "pm_card_amex",
        "pm_card_discover",
        "pm_card_diners",
        "pm_card_jcb",
        "pm_card_unionpay",
        PENDING_REFUND,
        FAILING_REFUND,
    }
)


def is_known(payment_method: str) -> bool:
    """Whether the sandbox has such a payment method."""
    return payment_method in ACCEPTED or payment_method in DECLINE_BY_CARD


def decline_for(payment_method: str) -> Decline | None:
    """Why this card is refused, or None when it is not."""
    code = DECLINE_BY_CARD.get(payment_method)
    return DECLINES[code] if code else None


def decline_of(code: str) -> Decline:
    """A decline by its code; a code without an entry is an ordinary card decline."""
    return DECLINES.get(code, Decline("card_declined", code, DECLINED))
