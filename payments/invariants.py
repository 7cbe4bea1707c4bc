"""What must always be true of the ledger, by itself and beside the provider's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Q

from payments.gateways.answers import Intent, IntentState
from payments.models import PaymentAuthorization
from payments.states import AuthorizationStatus
from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

BUDGET_SECONDS = 120  # how long the provider may keep us waiting before it counts
MOST = 100

SETTLED = "every authorisation is captured, voided or awaited"
ONE_HOLD = "a payment has at most one live hold"
CAPTURED = "captured is what the provider captured"
REFUNDED = "refunded is the sum of the refunds"
ASKED = "no outcome stays unknown without being asked about"
WORKED = "no webhook waits longer than its budget"
EQUAL = "our ledger is the provider's"

# A hold that its payment does not want, and nobody is on the way to release it.
LEAKED = """
    SELECT a.payment_id, a.provider_intent_id, p.status
    FROM payments_paymentauthorization a JOIN payments_payment p ON p.id = a.payment_id
    WHERE a.status = 'HELD' AND a.provider_intent_id IS NOT NULL
      AND (p.status IN ('FAILED', 'VOIDED', 'SUCCEEDED') OR p.intent_id <> a.provider_intent_id)
      AND (p.ask_again_at IS NULL OR p.ask_again_at < now() - make_interval(secs => %s))
    LIMIT %s
"""
UNBACKED = """
    SELECT p.id, p.status FROM payments_payment p
    WHERE p.status = 'AUTHORIZED' AND p.ask_again_at IS NULL AND p.amount > 0
      AND NOT EXISTS (SELECT 1 FROM payments_paymentauthorization a
                      WHERE a.payment_id = p.id AND a.status = 'HELD' AND a.amount = p.amount)
    LIMIT %s
"""
SEVERAL = """
    SELECT payment_id, count(*) FROM payments_paymentauthorization
    WHERE status = 'HELD' AND provider_intent_id IS NOT NULL GROUP BY payment_id HAVING count(*) > 1 LIMIT %s
"""
MISCAPTURED = """
    SELECT p.id, p.captured_amount, COALESCE(sum(a.captured_amount), 0)
    FROM payments_payment p LEFT JOIN payments_paymentauthorization a ON a.payment_id = p.id
    GROUP BY p.id HAVING p.captured_amount <> COALESCE(sum(a.captured_amount), 0) LIMIT %s
"""
MISREFUNDED = """
    SELECT p.id, p.refunded_amount, COALESCE(r.processed, 0), COALESCE(r.counted, 0), p.captured_amount
    FROM payments_payment p
    LEFT JOIN (SELECT payment_id, sum(amount) FILTER (WHERE status = 'PROCESSED') AS processed,
                      sum(amount) FILTER (WHERE status <> 'FAILED') AS counted
               FROM payments_refund GROUP BY payment_id) r ON r.payment_id = p.id
    WHERE p.refunded_amount <> COALESCE(r.processed, 0) OR COALESCE(r.counted, 0) > p.captured_amount
    LIMIT %s
"""
FORGOTTEN = """
    SELECT id, status FROM payments_payment
    WHERE status IN ('REQUESTED', 'UNKNOWN')
      AND (ask_again_at IS NULL OR ask_again_at < now() - make_interval(secs => %s))
    LIMIT %s
"""
UNREAD = """
    SELECT id, type FROM payments_webhookevent
    WHERE status = 'RECEIVED' AND received_at < now() - make_interval(secs => %s) LIMIT %s
"""


def check() -> Iterator[Violation]:
    """Everything wrong within this department; at most 100 of each kind."""
    for payment_id, intent_id, status in fetch_rows(LEAKED, [BUDGET_SECONDS, MOST]):
        yield Violation(SETTLED, str(payment_id), f"{status}, yet {intent_id} still holds money")
    for payment_id, status in fetch_rows(UNBACKED, [MOST]):
        yield Violation(SETTLED, str(payment_id), f"{status}, yet the provider holds nothing for it")
    for payment_id, holds in fetch_rows(SEVERAL, [MOST]):
        yield Violation(ONE_HOLD, str(payment_id), f"{holds} intents hold money")
    for payment_id, ours, theirs in fetch_rows(MISCAPTURED, [MOST]):
        yield Violation(CAPTURED, str(payment_id), f"we say {ours}, its authorisations say {theirs}")
    for payment_id, ours, processed, counted, captured in fetch_rows(MISREFUNDED, [MOST]):
        detail = f"we say {ours}, its refunds say {processed} ({counted} with those under way, of {captured} captured)"
        yield Violation(REFUNDED, str(payment_id), detail)
    for payment_id, status in fetch_rows(FORGOTTEN, [BUDGET_SECONDS, MOST]):
        yield Violation(ASKED, str(payment_id), f"{status}, and nobody asks the provider")
    for inbox_id, kind in fetch_rows(UNREAD, [BUDGET_SECONDS, MOST]):
        yield Violation(WORKED, str(inbox_id), f"{kind} was stored and not worked on")


def compare_with_provider(intents: Iterable[Intent], since: datetime | None = None) -> Iterator[Violation]:
    """Where the provider's intents and ours differ, both ways. ``intents`` are all the provider has, or all ``since`` then."""
    theirs = {intent.id: intent for intent in intents}
    known_here = PaymentAuthorization.objects.filter(provider_intent_id__isnull=False)
    if since is not None:
        known_here = known_here.filter(Q(created_at__gte=since) | Q(provider_intent_id__in=[*theirs]))
    ours = {item.provider_intent_id: item for item in known_here.iterator(chunk_size=2_000)}
    for intent_id, intent in theirs.items():
        known = ours.get(intent_id)
        if known is None and intent.state in (IntentState.HELD, IntentState.CAPTURED):
            yield Violation(EQUAL, intent_id, f"the provider has {intent.state} {intent.amount}, we know nothing of it")
        elif known is not None and _ours(known) != _theirs(intent):
            yield Violation(EQUAL, str(known.payment_id), f"we say {_ours(known)}, the provider {_theirs(intent)}")
    for lost in ours.keys() - theirs.keys():
        yield Violation(EQUAL, str(ours[lost].payment_id), f"the provider has no {lost}")


def _ours(item: PaymentAuthorization) -> tuple[str, int]:
    """Whether the intent holds money, and how much was taken."""
    return ("held" if item.status == AuthorizationStatus.HELD else "at rest", item.captured_amount)


def _theirs(intent: Intent) -> tuple[str, int]:
    return ("held" if intent.state is IntentState.HELD else "at rest", intent.captured)
