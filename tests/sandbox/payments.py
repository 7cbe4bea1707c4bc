"""Payments as the tests make them, with the official SDK."""

from typing import Any

import stripe


def authorise(sdk: stripe.StripeClient, *, key: str | None = None, **given: Any) -> stripe.PaymentIntent:
    """A confirmed intent over 25.00 with manual capture, unless told otherwise."""
    params: Any = {
        "amount": 2500,
        "currency": "gbp",
        "capture_method": "manual",
        "confirm": True,
        "payment_method": "pm_card_visa",
        "off_session": True,
        **given,
    }
    return sdk.v1.payment_intents.create(params, options={"idempotency_key": key} if key else None)


def captured(sdk: stripe.StripeClient, **given: Any) -> stripe.PaymentIntent:
    """A payment that was taken at once."""
    return authorise(sdk, capture_method="automatic", **given)
