"""Payment intents: create, confirm, capture, cancel. Source: https://docs.stripe.com/payments/paymentintents/lifecycle."""

import time
from typing import Any

from config.sandbox.service import Outcome, Refusal
from config.sandbox.store import Books
from config.sandbox.stripe_api import cards, objects, params
from config.sandbox.stripe_api.entries import enter
from config.sandbox.stripe_api.errors import error, invalid, missing
from config.sandbox.stripe_api.objects import Origin, event
from config.sandbox.wire import Json, Response

INTENT = "intent"
CHARGE = "charge"
CAPTURE_METHODS = ("automatic", "automatic_async", "manual")
CONFIRM_PARAMS = {
    "payment_method",
    "off_session",
    "return_url",
    "receipt_email",
    "capture_method",
    "error_on_requires_action",
    "payment_method_options",
    "payment_method_types",
    "setup_future_usage",
    "shipping",
}
CREATE_PARAMS = CONFIRM_PARAMS | {
    "amount",
    "automatic_payment_methods",
    "confirm",
    "confirmation_method",
    "currency",
    "customer",
    "description",
    "metadata",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
}
KEPT = ("customer", "description", "receipt_email", "setup_future_usage", "shipping", "statement_descriptor")
CANCELLABLE = ("requires_payment_method", "requires_confirmation", "requires_capture")
CANCEL_REASONS = (None, "abandoned", "duplicate", "fraudulent", "requested_by_customer")


class Intents:
    """The life of payment intents in one set of books. Every method returns what to answer, commit and tell."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def get(self, id: str) -> Json:
        """One intent. Raises 404."""
        intent = self._books.get(INTENT, id)
        if intent is None:
            raise missing("payment_intent", id)
        return intent

    def create(self, given: Json, origin: Origin, decline: str | None = None) -> Outcome:
        """Create an intent and, with `confirm`, charge it; `decline` forces a decline code."""
        params.only(given, CREATE_PARAMS)
        amount = params.amount(given, "amount", required=True)
        currency = (params.text(given, "currency", required=True) or "").lower()
        if len(currency) != 3 or not currency.isalpha() or not currency.isascii():
            raise invalid(f"Invalid currency: {currency[:20]}", param="currency")
        intent = objects.intent(
            amount or 0,
            currency,
            _capture_method(given, "automatic"),
            status="requires_payment_method",
            metadata=params.metadata(given),
            **{name: given.get(name) for name in KEPT},
        )
        _set_payment_method(intent, given)
        if params.flag(given, "confirm"):
            return self._charge(intent, origin, decline)
        outcome = Outcome(Response(200, intent))
        outcome.changes.put(INTENT, intent["id"], intent)
        outcome.events.append(event("payment_intent.created", intent["id"], intent, origin))
        return outcome

    def confirm(self, id: str, given: Json, origin: Origin, decline: str | None = None) -> Outcome:
        """Charge an intent; after a decline it may be confirmed again with another payment method."""
        params.only(given, CONFIRM_PARAMS)
        intent = self.get(id)
        if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
            raise unexpected_state(intent, "confirm")
        intent["capture_method"] = _capture_method(given, intent["capture_method"])
        _set_payment_method(intent, given)
        return self._charge(intent, origin, decline)

    def capture(self, id: str, given: Json, origin: Origin) -> Outcome:
        """Take `amount_to_capture` of the held amount (all of it by default) and release the rest."""
        params.only(given, {"amount_to_capture", "metadata", "statement_descriptor", "statement_descriptor_suffix"})
        asked = params.amount(given, "amount_to_capture")
        intent = self.get(id)
        if intent["status"] != "requires_capture":
            raise unexpected_state(intent, "capture")
        held = intent["amount_capturable"]
        amount = held if asked is None else asked
        if amount > held:
            raise invalid(
                f"The payment could not be captured because the requested capture amount is greater than the amount "
                f"you can capture: {held}.",
                param="amount_to_capture",
                code="amount_too_large",
            )
        charge = self._charge_of(intent) | {"captured": True, "amount_captured": amount}
        intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
        outcome = self._changed(intent, charge)
        enter(outcome.changes, "capture", intent, amount, origin)
        if amount < held:
            enter(outcome.changes, "release", intent, held - amount, origin)
        outcome.events.append(event("payment_intent.succeeded", id, intent, origin))
        return outcome

    def cancel(self, id: str, given: Json, origin: Origin) -> Outcome:
        """Cancel an intent that has taken no money and release what it holds."""
        params.only(given, {"cancellation_reason"})
        reason = params.text(given, "cancellation_reason")
        if reason not in CANCEL_REASONS:
            raise invalid("Invalid cancellation_reason.", param="cancellation_reason")
        intent = self.get(id)
        if intent["status"] not in CANCELLABLE:
            raise unexpected_state(intent, "cancel")
        held = intent["amount_capturable"]
        now = int(time.time())
        intent |= {"status": "canceled", "amount_capturable": 0, "canceled_at": now, "cancellation_reason": reason}
        outcome = self._changed(intent)
        if held:
            enter(outcome.changes, "release", intent, held, origin)
        outcome.events.append(event("payment_intent.canceled", id, intent, origin))
        return outcome

    def _charge(self, intent: Json, origin: Origin, forced: str | None) -> Outcome:
        card = intent["payment_method"]
        if card is None:
            raise invalid("You cannot confirm this PaymentIntent because it's missing a payment method.")
        decline = cards.decline_of(forced) if forced else cards.decline_for(card)
        charge = objects.charge(intent, decline)
        intent["latest_charge"] = charge["id"]
        if decline:
            return self._decline(intent, charge, decline, origin)
        intent["last_payment_error"] = None
        manual = intent["capture_method"] == "manual"
        if manual:
            intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        else:
            intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        outcome = self._changed(intent, charge)
        enter(outcome.changes, "authorise", intent, intent["amount"], origin)
        if not manual:
            enter(outcome.changes, "capture", intent, intent["amount"], origin)
        told = "payment_intent.amount_capturable_updated" if manual else "payment_intent.succeeded"
        outcome.events.append(event(told, intent["id"], intent, origin))
        return outcome

    def _decline(self, intent: Json, charge: Json, decline: cards.Decline, origin: Origin) -> Outcome:
        problem = objects.payment_error(decline, charge["id"], intent["payment_method"])
        intent |= {"status": "requires_payment_method", "last_payment_error": problem, "payment_method": None}
        outcome = self._changed(intent, charge)
        enter(outcome.changes, "decline", intent, 0, origin)
        outcome.events.append(event("payment_intent.payment_failed", intent["id"], intent, origin))
        outcome.response = Response(402, {"error": {**problem, "payment_intent": intent}})
        return outcome

    def _changed(self, intent: Json, charge: Json | None = None) -> Outcome:
        outcome = Outcome(Response(200, intent))
        outcome.changes.put(INTENT, intent["id"], intent)
        if charge:
            outcome.changes.put(CHARGE, charge["id"], charge)
        return outcome

    def _charge_of(self, intent: Json) -> Json:
        charge = self._books.get(CHARGE, intent["latest_charge"])
        if charge is None:
            raise missing("charge", str(intent["latest_charge"]), "charge")
        return charge


def unexpected_state(intent: Json, verb: str) -> Refusal:
    """400: the intent's status does not allow this; an Idempotency-Key keeps this answer."""
    message = f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}."
    code = "payment_intent_unexpected_state"
    more: dict[str, Any] = {"code": code, "payment_intent": intent}
    return Refusal(error(400, "invalid_request_error", message, **more), stored=True)


def _capture_method(given: Json, default: str) -> str:
    method = params.text(given, "capture_method") or default
    if method not in CAPTURE_METHODS:
        raise invalid(f"Invalid capture_method: {method[:40]}", param="capture_method")
    return method


def _set_payment_method(intent: Json, given: Json) -> None:
    card = params.text(given, "payment_method") or intent.get("payment_method")
    if card and not cards.is_known(card):
        raise missing("PaymentMethod", card, "payment_method")
    intent["payment_method"] = card
    intent["status"] = "requires_confirmation" if card else "requires_payment_method"
