"""Giving a hold back, also one whose outcome nobody knows, and one that was never asked for.

The wish is committed first: from then on nothing is authorised or captured for this payment, and a hold that turns up later
is released as soon as it is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from payments import facts
from payments.accounts import Account, open_accounts, wait_after
from payments.asking import BATCH, LEASE_SECONDS, THREADS, Told, record_of, timed
from payments.commands import void_again
from payments.gateways import stripe
from payments.gateways.answers import Absent, Answer, Intent, IntentState, Unclear
from payments.models import Payment
from payments.settling import settle, void
from payments.states import UNDECIDED, PaymentStatus
from shop.contracts.base import Part
from shop.contracts.payments import VoidAuthorization
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Refused, Unavailable
from shop.messaging.handlers import Call, Called, Outside
from shop.messaging.sets import Column, insert_rows

# A hold asked for just before the void may still be on its way: longer than any worker keeps its lease.
SECOND_LOOK_SECONDS = LEASE_SECONDS + 10
NO_CURRENCY = "XXX"  # ISO 4217: no currency
TOMBSTONE: tuple[Column, ...] = (
    ("id", "uuid"),
    ("order_id", "uuid"),
    ("checkout_session_id", "uuid"),
    ("amount", "bigint"),
    ("currency", "text"),
    ("status", "text"),
    ("void_requested", "boolean"),
    ("void_reason", "text"),
    ("closed_at", "timestamptz"),
)


@dataclass(frozen=True, slots=True)
class Release:
    """What to give back: these intents, or, when none is known, whatever the provider has for this payment."""

    payment_id: UUID
    intent_ids: tuple[str, ...]
    since: datetime
    number: int

    def key(self, intent_id: str) -> str:
        """A key of its own for every try: cancelling twice is harmless, an error that a key keeps repeating is not."""
        return f"void:{self.payment_id}:{intent_id}:{self.number}"


def prepare(batch: Sequence[Envelope[VoidAuthorization]]) -> Sequence[Call[Release]]:
    """Commit the wish. A payment we never heard of becomes a tombstone, which its late authorisation will find."""
    _insert_tombstones(batch)
    accounts = open_accounts(envelope.message.payment_id for envelope in batch)
    calls = []
    for envelope in batch:
        account = accounts.by_id[envelope.message.payment_id]
        release = _wish(account, envelope.message)
        if release is not None:
            calls.append(Call(envelope, release))
        accounts.publish(account, envelope)
    accounts.save()
    return calls


def call(release: Release) -> Told:
    """Cancel at the provider whatever still holds money."""
    answers, milliseconds = timed(lambda: _release(release))
    return Told(answers, milliseconds)


def record(called: Sequence[Called[Release, Told]]) -> None:
    """Bring the answers onto the payments. What is not given back yet is tried again."""
    accounts = open_accounts(item.intent.payment_id for item in called)
    for item in called:
        account = accounts.by_id[item.intent.payment_id]
        _record(account, item)
        accounts.calls.append(record_of(account.payment.id, "void", "", item.result))
        accounts.publish(account, item.envelope)
    accounts.save()


def answer(envelope: Envelope[VoidAuthorization]) -> Part | None:
    """Nothing when the hold is gone. Raises ``Refused`` when the money is captured already."""
    payment = Payment.objects.get(id=envelope.message.payment_id)
    if payment.status == PaymentStatus.SUCCEEDED:
        raise Refused("payment_captured", "The payment is captured. Refund it instead.")
    if payment.ask_again_at is not None and payment.status != PaymentStatus.VOIDED:
        raise Unavailable("payment_outcome_unknown", "The payment provider has not answered yet. The void is on record.")
    return None


def _insert_tombstones(batch: Sequence[Envelope[VoidAuthorization]]) -> None:
    rows = {}
    for envelope in batch:
        message = envelope.message
        rows[message.payment_id] = (
            message.payment_id,
            message.order_id,
            message.checkout_session_id,
            0,
            NO_CURRENCY,
            PaymentStatus.VOIDED.value,
            True,
            message.reason or "",
            envelope.sent_at,
        )
    insert_rows("payments_payment", TOMBSTONE, rows.values(), tail="ON CONFLICT (id) DO NOTHING")


def _wish(account: Account, command: VoidAuthorization) -> Release | None:
    payment = account.payment
    if payment.status == PaymentStatus.SUCCEEDED:
        return None
    if not payment.void_requested and payment.status != PaymentStatus.FAILED:
        payment.void_requested, payment.void_reason, account.changed = True, command.reason or "", True
    if account.live or payment.ask_again_at is not None or (payment.status in UNDECIDED and payment.asked):
        return _plan(account)
    if payment.status in (*UNDECIDED, PaymentStatus.AUTHORIZED):
        _release_free(account)
        void(account)
    else:
        account.facts.append(facts.voided(payment, account.now))
    return None


def _plan(account: Account) -> Release:
    payment = account.payment
    payment.asked += 1
    account.ask_again(LEASE_SECONDS)
    intents = tuple(item.provider_intent_id for item in account.live if item.provider_intent_id)
    return Release(payment.id, intents, payment.requested_at, payment.asked)


def _release_free(account: Account) -> None:
    """An authorisation of nothing needs nobody's consent to end."""
    free = account.authorization(None)
    if free is not None and free.status == "HELD":
        free.release()
        account.updated.append(free)


def _release(release: Release) -> Sequence[Answer]:
    if release.intent_ids:
        return [_cancel(release, intent_id) for intent_id in release.intent_ids]
    found = stripe.find(payment_id=release.payment_id, since=release.since)
    if isinstance(found, Unclear):
        return [found]
    live = (IntentState.HELD, IntentState.PENDING)
    return [_cancel(release, intent.id) if intent.state in live else intent for intent in found] or [Absent()]


def _cancel(release: Release, intent_id: str) -> Answer:
    return stripe.cancel(intent_id=intent_id, key=release.key(intent_id))


def _record(account: Account, item: Called[Release, Told]) -> None:
    payment = account.payment
    was = payment.status
    for reply in item.result.answers:
        settle(account, reply)
    if payment.status == PaymentStatus.SUCCEEDED:
        return
    unclear = any(isinstance(reply, Unclear) for reply in item.result.answers)
    if unclear or account.live or payment.status in UNDECIDED:
        due_at = account.ask_again(wait_after(payment.asked))
        void_again(payment, cause=item.envelope, due_at=due_at)
        return
    _rest(account, item, first_time=was in UNDECIDED)


def _rest(account: Account, item: Called[Release, Told], *, first_time: bool) -> None:
    """Nothing is held. If nothing was found either, one later look makes sure that nothing was on its way."""
    payment = account.payment
    payment.ask_again_at, account.changed = None, True
    if first_time and not any(isinstance(reply, Intent) for reply in item.result.answers):
        void_again(payment, cause=item.envelope, due_at=account.ask_again(SECOND_LOOK_SECONDS))
    if not any(fact.message_name() == "AuthorizationVoided" for fact in account.facts):
        account.facts.append(facts.voided(payment, account.now))


void_authorization = Outside(
    name="payments.void_authorization",
    prepare=prepare,
    call=call,
    record=record,
    answer=answer,
    batch_size=BATCH,
    lease_seconds=LEASE_SECONDS,
    threads=THREADS,
)
