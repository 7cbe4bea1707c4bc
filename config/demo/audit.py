"""What must be true of the whole shop when the dust has settled: every invariant, and both ledgers saying the same."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.demo import books
from config.sandbox.client import SandboxControl
from payments.gateways.reading import intent_of
from payments.invariants import compare_with_provider
from payments.models import Payment
from shop.messaging.invariants import Violation, run_all
from shop.messaging.routing import switchboard

QUIET_WITHIN = 60.0

Intent = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Audit:
    """What is wrong, and how many payments could not be compared because they are older than the provider's ledger."""

    violations: Sequence[Violation]
    too_old: int


def audit(control: SandboxControl, since: float) -> Audit:
    """Check everything; ``since`` is when this run began (Unix seconds)."""
    differing, too_old = compare(control.ledger("stripe")["intents"], since)
    return Audit([*run_all(switchboard().all_invariants()), *differing], too_old)


def compare(intents: Sequence[Intent], since: float) -> tuple[list[Violation], int]:
    """Where our ledger and the provider's differ, and how many payments of ours the provider's cannot know.

    The two are kept in different places, so one may have been erased or be another database's: left out are payments from
    before the ledger's first intent, and intents from before this run that are about nobody we know. Nothing of this run is.
    """
    begun = min([since, *(float(intent["created"]) for intent in intents)])
    ours = {
        str(payment): requested_at
        for payment, requested_at in Payment.objects.values_list("id", "requested_at").iterator(chunk_size=5_000)
    }
    relevant = [each for each in intents if each["created"] >= int(since) or each["metadata"].get("payment_id") in ours]
    differing = [*compare_with_provider(intent_of(each) for each in relevant)]
    old = {payment for payment, requested_at in ours.items() if requested_at < datetime.fromtimestamp(begun, UTC)}
    known = [violation for violation in differing if violation.subject not in old]
    return known, len(differing) - len(known)


def quiet(seconds: float = QUIET_WITHIN) -> bool:
    """Wait until no mail is due; whether that came about."""
    deadline = time.monotonic() + seconds
    while books.waiting_mail():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
