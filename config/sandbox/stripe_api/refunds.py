"""Refunds, and what becomes of them later. Source: https://docs.stripe.com/refunds."""

from config.sandbox.service import Outcome, Refusal
from config.sandbox.store import Books
from config.sandbox.stripe_api import cards, objects, params
from config.sandbox.stripe_api.entries import enter
from config.sandbox.stripe_api.errors import error, invalid, missing
from config.sandbox.stripe_api.intents import CHARGE, INTENT
from config.sandbox.stripe_api.objects import Origin, event
from config.sandbox.wire import Json, Response

REFUND = "refund"
REASONS = (None, "duplicate", "fraudulent", "requested_by_customer")
FINAL = ("succeeded", "failed")


class Refunds:
    """Refunds in one set of books."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def get(self, id: str) -> Json:
        """One refund. Raises 404."""
        refund = self._books.get(REFUND, id)
        if refund is None:
            raise missing("refund", id, "id")
        return refund

    def create(self, given: Json, origin: Origin) -> Outcome:
        """Give back `amount` (by default what is left) of a captured intent or charge."""
        params.only(given, {"payment_intent", "charge", "amount", "reason", "metadata"})
        asked = params.amount(given, "amount")
        reason = params.text(given, "reason")
        if reason not in REASONS:
            raise invalid("Invalid reason.", param="reason")
        metadata = params.metadata(given)
        charge = self._charge(given)
        left = charge["amount_captured"] - charge["amount_refunded"]
        amount = left if asked is None else asked
        _check_amount(charge, amount, left)
        status = "pending" if charge["payment_method"] == cards.PENDING_REFUND else "succeeded"
        refund = objects.refund(charge, amount, status, reason, metadata)
        outcome = self._changed(refund, charge, amount)
        enter(outcome.changes, "refund", refund, amount, origin, charge["payment_intent"])
        self._tell(outcome, origin, ("refund.created", refund), ("charge.refunded", charge), ("refund.updated", refund))
        if charge["payment_method"] == cards.FAILING_REFUND:
            self._fail(outcome, refund, charge, origin)
        return outcome

    def move(self, id: str, status: str, origin: Origin) -> Outcome:
        """Let a refund succeed or fail later, as a bank does. A failed one goes back to the charge."""
        refund = self.get(id)
        if status not in FINAL or refund["status"] == "failed":
            raise invalid(f"A {refund['status']} refund cannot become {status[:40]}.", param="status")
        charge = self._charge({"charge": refund["charge"]})
        outcome = Outcome(Response(200, refund))
        if status == "failed":
            self._fail(outcome, refund, charge, origin)
        else:
            refund["status"] = status
            outcome.changes.put(REFUND, id, refund)
            self._tell(outcome, origin, ("refund.updated", refund))
        return outcome

    def _fail(self, outcome: Outcome, refund: Json, charge: Json, origin: Origin) -> None:
        failed = refund | {"status": "failed", "failure_reason": "expired_or_canceled_card"}
        left = charge | {"amount_refunded": charge["amount_refunded"] - refund["amount"], "refunded": False}
        outcome.changes.put(REFUND, refund["id"], failed)
        outcome.changes.put(CHARGE, charge["id"], left)
        enter(outcome.changes, "refund_reversal", refund, refund["amount"], origin, refund["payment_intent"])
        self._tell(outcome, origin, ("refund.updated", failed), ("refund.failed", failed))

    def _charge(self, given: Json) -> Json:
        intent_id = params.text(given, "payment_intent")
        charge_id = params.text(given, "charge")
        if intent_id:
            intent = self._books.get(INTENT, intent_id)
            if intent is None:
                raise missing("payment_intent", intent_id, "payment_intent")
            charge_id = intent["latest_charge"]
        if not charge_id:
            raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
        charge = self._books.get(CHARGE, charge_id)
        if charge is None:
            raise missing("charge", charge_id, "charge")
        return charge

    def _changed(self, refund: Json, charge: Json, amount: int) -> Outcome:
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
        outcome = Outcome(Response(200, refund))
        outcome.changes.put(REFUND, refund["id"], refund)
        outcome.changes.put(CHARGE, charge["id"], charge)
        return outcome

    def _tell(self, outcome: Outcome, origin: Origin, *told: tuple[str, Json]) -> None:
        outcome.events += [event(type, snapshot["payment_intent"], snapshot, origin) for type, snapshot in told]


def _check_amount(charge: Json, amount: int, left: int) -> None:
    if not charge["captured"]:
        raise _refused(f"Charge {charge['id']} has not been captured.", "charge_not_captured")
    if left == 0:
        raise _refused(f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")
    if amount > left:
        raise _refused(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).", None)


def _refused(message: str, code: str | None) -> Refusal:
    return Refusal(error(400, "invalid_request_error", message, code=code), stored=True)
