"""Stripe: hold, capture, cancel, look up. Every function answers in our words and never raises for what Stripe does.

Source: https://docs.stripe.com/payments/place-a-hold-on-a-payment-method and https://docs.stripe.com/api/idempotent_requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import stripe

from payments.gateways.answers import Absent, Answer, Intent, Rejected, Unclear
from payments.gateways.connection import CONFLICT, asked, error_of, unclear
from payments.gateways.reading import Unreadable, intent_of, reason_of

INTENTS = "payment_intents"
EXPAND = ["latest_charge"]
NOT_FOUND = 404
PAGE = 100
MOST_PAGES = 50
CLOCK_SLACK_SECONDS = 300
REJECTED_MESSAGE = "The payment could not be processed."


def hold(*, payment_id: UUID, order_id: UUID, amount: int, currency: str, method: str, key: str) -> Answer:
    """Hold ``amount`` on the customer's payment method. The same ``key`` never holds twice, within 24 hours."""
    params = {
        "amount": amount,
        "currency": currency.lower(),
        "capture_method": "manual",
        "confirm": True,
        "off_session": True,
        "error_on_requires_action": True,
        "payment_method": method,
        "payment_method_types": ["card"],
        "metadata": {"payment_id": str(payment_id), "order_id": str(order_id)},
        "expand": EXPAND,
    }
    return _answer(lambda: asked("post", INTENTS, key, **params))


def capture(*, intent_id: str, amount: int, key: str) -> Answer:
    """Take ``amount`` of what ``intent_id`` holds. Answers the intent as it is, if it cannot be captured (any more)."""
    path = f"{INTENTS}/{intent_id}/capture"
    return _as_it_is(_answer(lambda: asked("post", path, key, amount_to_capture=amount, expand=EXPAND)), intent_id)


def cancel(*, intent_id: str, key: str) -> Answer:
    """Give back what ``intent_id`` holds. Answers the intent as it is, if it cannot be cancelled (any more)."""
    return _as_it_is(_answer(lambda: asked("post", f"{INTENTS}/{intent_id}/cancel", key)), intent_id)


def retrieve(intent_id: str) -> Answer:
    """The intent as it is now."""
    return _answer(lambda: asked("get", f"{INTENTS}/{intent_id}", expand=EXPAND))


def find(*, payment_id: UUID, since: datetime) -> list[Intent] | Unclear:
    """Every intent made for this payment, asked for no earlier than ``since``.

    The search index lags behind by up to a minute, so what it does not know is looked for in the list, which does not.
    """
    try:
        return _search(payment_id) or _list(payment_id, since)
    except stripe.StripeError as error:
        return unclear(error)
    except Unreadable as error:
        return Unclear(str(error))


def _search(payment_id: UUID) -> list[Intent]:
    found = asked("get", f"{INTENTS}/search", query=f"metadata['payment_id']:'{payment_id}'", limit=PAGE)
    return [intent_of(item) for item in found["data"]]


def made_since(since: datetime) -> Iterator[Intent]:
    """Every intent made since then, the newest first, page by page. Raises ``stripe.StripeError`` when Stripe does not answer
    and ``Unreadable`` for what is no intent."""
    return (intent for page in _pages(since) for intent in page)


def _list(payment_id: UUID, since: datetime) -> list[Intent]:
    ours: list[Intent] = []
    for number, page in enumerate(_pages(since)):
        if number == MOST_PAGES:
            raise Unreadable("too many intents to look through")
        ours += [intent for intent in page if intent.payment_id == str(payment_id)]
    return ours


def _pages(since: datetime) -> Iterator[list[Intent]]:
    params: Any = {"created": {"gte": int(since.timestamp()) - CLOCK_SLACK_SECONDS}, "limit": PAGE}
    while True:
        page = asked("get", INTENTS, **params)
        yield [*map(intent_of, page["data"])]
        if not page["has_more"]:
            return
        params["starting_after"] = page["data"][-1]["id"]


def _answer(call: Callable[[], Any]) -> Answer:
    try:
        return intent_of(call())
    except stripe.CardError as error:
        return _declined(error)
    except stripe.IdempotencyError as error:
        return unclear(error)
    except stripe.InvalidRequestError as error:
        if error.http_status == NOT_FOUND and error_of(error).get("param") == "intent":
            return Absent()
        return _rejected(error)
    except stripe.StripeError as error:
        return unclear(error)
    except Unreadable as error:
        return Unclear(str(error))


def _declined(error: stripe.CardError) -> Answer:
    problem = error_of(error)
    try:
        return intent_of(problem["payment_intent"])
    except (KeyError, Unreadable):
        return Rejected(str(error.user_message or REJECTED_MESSAGE), reason_of(problem))


def _rejected(error: stripe.InvalidRequestError) -> Answer:
    """The request was wrong; where Stripe adds the intent, its state says more than the refusal."""
    attached = error_of(error).get("payment_intent")
    if attached is not None:
        try:
            return intent_of(attached)
        except Unreadable as unreadable:
            return Unclear(str(unreadable))
    if error.http_status == CONFLICT:
        return unclear(error)
    return Rejected(REJECTED_MESSAGE)


def _as_it_is(answer: Answer, intent_id: str) -> Answer:
    """A refusal that says nothing about the intent is followed by a look at it."""
    return retrieve(intent_id) if isinstance(answer, Rejected) or (isinstance(answer, Unclear) and answer.key_spent) else answer
