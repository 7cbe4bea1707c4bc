"""Taking the money that is held: once, and never from a payment that somebody wants voided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from payments import facts
from payments.accounts import Account, open_accounts, wait_after
from payments.asking import BATCH, LEASE_SECONDS, THREADS, Told, record_of, timed
from payments.commands import capture_again
from payments.gateways import stripe
from payments.gateways.answers import Answer, Intent, Unclear
from payments.models import Payment, PaymentAuthorization
from payments.settling import settle, succeed
from payments.states import AuthorizationStatus, PaymentStatus
from shop.contracts.base import Part
from shop.contracts.ordering.operating import GetHeldOrders
from shop.contracts.payments import CapturePayment
from shop.messaging.bus import ask, send
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Missing, Refused, Unavailable
from shop.messaging.handlers import Call, Called, Outside
from shop.messaging.sets import fetch_rows

log = structlog.get_logger(__name__)

TO_CAPTURE = """
    SELECT id, order_id FROM payments_payment
    WHERE order_id = ANY(%s::uuid[]) AND status = ANY(%s::text[]) AND NOT void_requested ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Capture:
    """What to take from which intent. Every try has a key of its own: an intent can be captured only once anyway.

    Without an amount nothing is taken: the provider is asked how an earlier try ended.
    """

    payment_id: UUID
    intent_id: str
    amount: int | None
    key: str


def capture_all(causes: Mapping[UUID, Envelope[Any]]) -> None:
    """Have everything taken that is held for these orders. What was taken already is said again."""
    for payment_id, order_id in fetch_rows(
        TO_CAPTURE, [[*causes], [PaymentStatus.AUTHORIZED.value, PaymentStatus.SUCCEEDED.value]]
    ):
        send(CapturePayment(payment_id=payment_id, order_id=order_id), cause=causes[order_id])


def prepare(batch: Sequence[Envelope[CapturePayment]]) -> Sequence[Call[Capture]]:
    """Commit that the money is to be taken, unless its order is held. What is captured already is answered again.

    The order of locks is payments, then orders; nobody takes them the other way round.
    """
    accounts = open_accounts(envelope.message.payment_id for envelope in batch)
    orders = {account.payment.order_id for account in accounts.by_id.values()}
    held = frozenset(ask(GetHeldOrders(order_ids=sorted(orders))).order_ids) if orders else frozenset()
    calls = []
    for envelope in batch:
        account = accounts.get(envelope.message.payment_id)
        if account is None:
            log.error("capture_of_unknown_payment", payment=str(envelope.message.payment_id))
            continue
        capture = _capture(account, envelope, held=account.payment.order_id in held)
        if capture is not None:
            calls.append(Call(envelope, capture))
        accounts.publish(account, envelope)
    accounts.save()
    return calls


def call(capture: Capture) -> Told:
    """Capture at the provider, or look."""
    reply, milliseconds = timed(lambda: _ask(capture))
    return Told([reply], milliseconds)


def _ask(capture: Capture) -> Answer:
    if capture.amount is None:
        return stripe.retrieve(capture.intent_id)
    return stripe.capture(intent_id=capture.intent_id, amount=capture.amount, key=capture.key)


def record(called: Sequence[Called[Capture, Told]]) -> None:
    """Bring the answers onto the payments; without one, try again."""
    accounts = open_accounts(item.intent.payment_id for item in called)
    for item in called:
        account = accounts.by_id[item.intent.payment_id]
        settle(account, item.result.answers[0])
        _again(account, item)
        accounts.calls.append(record_of(account.payment.id, "capture", item.intent.key, item.result))
        accounts.publish(account, item.envelope)
    accounts.save()


def answer(envelope: Envelope[CapturePayment]) -> Part | None:
    """Nothing when the money is ours. Raises ``Missing`` or ``Refused``."""
    payment = Payment.objects.filter(id=envelope.message.payment_id).first()
    if payment is None:
        raise Missing("payment_not_found", "There is no such payment.")
    if payment.status == PaymentStatus.AUTHORIZED and payment.capture_requested:
        raise Unavailable("payment_outcome_unknown", "The payment provider has not answered yet. The capture is on record.")
    if payment.status == PaymentStatus.AUTHORIZED and not payment.void_requested:
        raise Refused("order_on_hold", "Its order is held. The money is taken when the hold is released.")
    if payment.status != PaymentStatus.SUCCEEDED:
        raise Refused("payment_not_capturable", f"The payment is {payment.status}; only a held one can be captured.")
    return None


def _capture(account: Account, envelope: Envelope[CapturePayment], *, held: bool) -> Capture | None:
    payment, adopted = account.payment, account.adopted
    if payment.status == PaymentStatus.SUCCEEDED:
        if payment.closed_at is None or envelope.sent_at > payment.closed_at:  # whoever asked before has been told by the capture
            account.facts.append(facts.succeeded(payment, account.now))
        return None
    if payment.status != PaymentStatus.AUTHORIZED or payment.void_requested or adopted is None:
        log.error("payment_not_capturable", payment=str(payment.id), status=payment.status, void=payment.void_requested)
        return None
    if held:
        return _look(account, adopted)
    payment.capture_requested, payment.capture_asked_at, account.changed = True, account.now, True
    if adopted.provider_intent_id is None:
        adopted.capture(0)
        account.updated.append(adopted)
        succeed(account, 0)
        return None
    if adopted.status != AuthorizationStatus.HELD:
        return None
    payment.asked += 1
    account.ask_again(LEASE_SECONDS)
    wanted = payment.amount - payment.to_return
    amount = min(envelope.message.amount or wanted, wanted)
    return Capture(payment.id, adopted.provider_intent_id, amount, f"capture:{payment.id}:{payment.asked}")


def _look(account: Account, adopted: PaymentAuthorization) -> Capture | None:
    """A held order's money is left alone; only an earlier try of which nobody knows the end is asked about."""
    payment = account.payment
    if payment.ask_again_at is None or adopted.status != AuthorizationStatus.HELD or adopted.provider_intent_id is None:
        return None
    account.ask_again(LEASE_SECONDS)
    return Capture(payment.id, adopted.provider_intent_id, None, "")


def _again(account: Account, item: Called[Capture, Told]) -> None:
    payment = account.payment
    if payment.status != PaymentStatus.AUTHORIZED:
        return
    if item.intent.amount is None and isinstance(item.result.answers[0], Intent):
        payment.capture_requested, payment.ask_again_at, account.changed = False, None, True  # it was not taken
        return
    if isinstance(item.result.answers[0], Unclear):
        log.warning("capture_unclear", payment=str(payment.id), error=item.result.answers[0].error)
    capture_again(payment, cause=item.envelope, due_at=account.ask_again(wait_after(payment.asked)))


capture_payment = Outside(
    name="payments.capture_payment",
    prepare=prepare,
    call=call,
    record=record,
    answer=answer,
    batch_size=BATCH,
    lease_seconds=LEASE_SECONDS,
    threads=THREADS,
)
