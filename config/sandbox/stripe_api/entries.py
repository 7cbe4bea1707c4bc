"""The money ledger: one entry per authorisation, capture, release, refund and decline, never changed."""

from config.sandbox.store import Books, Changes
from config.sandbox.stripe_api.objects import Origin, new_id
from config.sandbox.wire import Json

ENTRY = "entry"
TOTALS = {
    "authorise": "authorised",
    "capture": "captured",
    "release": "released",
    "refund": "refunded",
    "refund_reversal": "refunds_reversed",
}


def enter(changes: Changes, kind: str, about: Json, amount: int, origin: Origin, intent: str | None = None) -> None:
    """Add an entry of `amount` minor units about an intent, or about a refund of the given intent."""
    entry = {
        "id": new_id("ent"),
        "kind": kind,
        "payment_intent": intent or about["id"],
        "object": about["id"],
        "amount": amount,
        "currency": about["currency"],
        "idempotency_key": origin.idempotency_key,
        "metadata": about["metadata"],
    }
    changes.put(ENTRY, entry["id"], entry)


def totals(books: Books) -> dict[str, dict[str, int]]:
    """Sums by currency. What is authorised and neither captured nor released is still held."""
    sums: dict[str, dict[str, int]] = {}
    for entry in books.all(ENTRY):
        if entry["kind"] in TOTALS:
            currency = sums.setdefault(entry["currency"], dict.fromkeys(TOTALS.values(), 0))
            currency[TOTALS[entry["kind"]]] += entry["amount"]
    return sums
