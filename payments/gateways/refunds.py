"""Stripe's refunds. Every function answers in our words and never raises for what Stripe does."""

from __future__ import annotations

from uuid import UUID

import stripe

from payments.gateways.answers import Absent, RefundAnswer, Rejected, Unclear
from payments.gateways.connection import CONFLICT, asked, unclear
from payments.gateways.reading import Unreadable, refund_of

REFUNDS = "refunds"
PAGE = 100


def refund(*, intent_id: str, amount: int, refund_id: UUID, key: str) -> RefundAnswer:
    """Give ``amount`` of a captured intent back. The same ``key`` never refunds twice, within 24 hours."""
    params = {
        "payment_intent": intent_id,
        "amount": amount,
        "reason": "requested_by_customer",
        "metadata": {"refund_id": str(refund_id)},
    }
    try:
        return refund_of(asked("post", REFUNDS, key, **params))
    except stripe.IdempotencyError as error:
        return unclear(error)
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        return Rejected(str(error.user_message or error)) if error.http_status != CONFLICT else unclear(error)
    except stripe.StripeError as error:
        return unclear(error)
    except Unreadable as error:
        return Unclear(str(error))


def find_refund(*, intent_id: str, refund_id: UUID) -> RefundAnswer:
    """The refund of this intent that carries our id. An intent has few enough refunds for one page."""
    try:
        found = map(refund_of, asked("get", REFUNDS, payment_intent=intent_id, limit=PAGE)["data"])
        return next((item for item in found if item.refund_id == str(refund_id)), Absent())
    except stripe.StripeError as error:
        return unclear(error)
    except Unreadable as error:
        return Unclear(str(error))
