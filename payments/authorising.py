"""Holding the money and having the payment screened: both are asked at once, outside any transaction.

The payment's row and its idempotency key are committed before the provider hears of it, so whatever happens in between,
the same question can be asked again and never holds twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid5

import structlog
from django.conf import settings

from payments import facts
from payments.accounts import Account, Accounts, new_accounts, open_accounts, wait_after
from payments.asking import BATCH, LEASE_SECONDS, THREADS, Told, record_of, timed
from payments.commands import authorize_again, void_again
from payments.gateways import fraud, stripe
from payments.gateways.answers import Absent, Answer, FraudAnswer, Rejected, Unclear
from payments.models import Payment
from payments.queries import payment_view
from payments.settling import DECLINED_MESSAGE, settle, settle_free, settle_verdict
from payments.states import UNDECIDED, PaymentStatus
from shop.contracts.base import Part
from shop.contracts.ordering.checkout import AuthorizePayment
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Refused, Unavailable
from shop.messaging.handlers import Call, Called, Outside
from shop.messaging.sets import Column, all_columns, insert_rows, instance

log = structlog.get_logger(__name__)

# A provider may forget a key after 24 hours, and the same call would then hold again.
KEY_LASTS = timedelta(hours=23)
PAYMENT_REQUIRED = 402
NO_METHOD_MESSAGE = "No payment method was given."
COLUMNS: tuple[Column, ...] = (
    ("id", "uuid"),
    ("order_id", "uuid"),
    ("cart_id", "uuid"),
    ("checkout_session_id", "uuid"),
    ("customer_id", "uuid"),
    ("amount", "bigint"),
    ("currency", "text"),
    ("method_token", "text"),
    ("status", "text"),
)


@dataclass(frozen=True, slots=True)
class Question:
    """Everything the calls need, as committed. ``may_post`` is false once the key is too old to be trusted."""

    payment_id: UUID
    order_id: UUID
    customer_id: UUID | None
    amount: int
    currency: str
    method: str
    key: str
    since: datetime
    may_post: bool
    screen: bool
    ip_address: str | None


def payment_id_of(envelope: Envelope[AuthorizePayment]) -> UUID:
    """The payment a command is about; one that names none makes a payment with the command's own id."""
    return envelope.message.payment_id or envelope.id


def prepare(batch: Sequence[Envelope[AuthorizePayment]]) -> Sequence[Call[Question]]:
    """Put the payments on record and decide whom to ask. What is decided already is answered again instead."""
    fresh = _insert(batch)
    new = set(fresh.by_id)
    there = {payment_id_of(envelope) for envelope in batch} - new
    accounts = Accounts({**fresh.by_id, **(open_accounts(there).by_id if there else {})})
    calls = []
    for envelope in batch:
        account = accounts.by_id[payment_id_of(envelope)]
        if account.payment.id in new:
            new.discard(account.payment.id)
            account.facts.append(facts.requested(account.payment, account.now))
        question = _question(account, envelope)
        if question is not None:
            calls.append(Call(envelope, question))
        accounts.publish(account, envelope)
    accounts.save()
    return calls


def call(question: Question) -> Told:
    """Ask for the hold and for the verdict, in parallel."""
    screening = _screeners().submit(_screen, question) if question.screen else None
    answers, milliseconds = timed(lambda: _ask(question))
    return Told(answers, milliseconds, screening.result() if screening else None)


def record(called: Sequence[Called[Question, Told]]) -> None:
    """Bring the answers onto the payments; where none came, arrange for asking again."""
    accounts = open_accounts(item.intent.payment_id for item in called)
    for item in called:
        account = accounts.by_id[item.intent.payment_id]
        _record(accounts, account, item)
        accounts.calls.append(record_of(account.payment.id, "authorize", item.intent.key, item.result))
        accounts.publish(account, item.envelope)
    accounts.save()


def answer(envelope: Envelope[AuthorizePayment]) -> Part:
    """The payment as it stands. Raises ``Refused`` when it was declined (402), voided, or its id belongs to another
    payment (409), and ``Unavailable`` while nobody knows."""
    payment = Payment.objects.get(id=payment_id_of(envelope))
    if not _same(payment, envelope.message):
        raise Refused("payment_id_taken", "This paymentId belongs to a payment with other terms.")
    if payment.status in UNDECIDED:
        raise Unavailable(
            "payment_outcome_unknown",
            "The payment provider has not answered yet. Repeat the request: it will not charge twice.",
            data={"paymentId": str(payment.id), "status": payment.status},
        )
    if payment.status == PaymentStatus.FAILED:
        data = {"paymentId": str(payment.id), "reason": payment.failure_reason}
        raise Refused("payment_declined", payment.message or DECLINED_MESSAGE, data=data, status=PAYMENT_REQUIRED)
    if payment.status == PaymentStatus.VOIDED:
        raise Refused("payment_voided", "This payment has been voided.", data={"paymentId": str(payment.id)})
    return payment_view(payment)


def _insert(batch: Sequence[Envelope[AuthorizePayment]]) -> Accounts:
    """Payments that were not there: nobody else can know anything about them."""
    rows = {}
    for envelope in batch:
        message, payment_id = envelope.message, payment_id_of(envelope)
        rows[payment_id] = (
            payment_id,
            message.order_id or uuid5(payment_id, "order"),
            message.cart_id,
            message.checkout_session_id,
            message.customer_id,
            message.amount,
            message.currency,
            message.payment_method_id or "",
            PaymentStatus.REQUESTED.value,
        )
    tail = f"ON CONFLICT (id) DO NOTHING RETURNING {all_columns(Payment)}"
    return new_accounts(instance(Payment, row) for row in insert_rows("payments_payment", COLUMNS, rows.values(), tail=tail))


def _question(account: Account, envelope: Envelope[AuthorizePayment]) -> Question | None:
    payment = account.payment
    if not _same(payment, envelope.message):
        log.error("payment_id_taken", payment=str(payment.id), message=str(envelope.id))
        return None
    if payment.status not in UNDECIDED:
        _answer_again(account, envelope.sent_at)
        return None
    if payment.amount == 0:
        settle_free(account)
        return None
    if not (payment.method_token or settings.STRIPE_DEFAULT_PAYMENT_METHOD):
        settle(account, Rejected(NO_METHOD_MESSAGE))
        return None
    return _ask_for(account, envelope.message.ip_address)


def _ask_for(account: Account, ip_address: str | None) -> Question:
    payment = account.payment
    payment.asked += 1
    payment.asked_since = payment.asked_since or account.now
    account.ask_again(LEASE_SECONDS)
    return Question(
        payment_id=payment.id,
        order_id=payment.order_id,
        customer_id=payment.customer_id,
        amount=payment.amount,
        currency=payment.currency,
        method=payment.method_token or settings.STRIPE_DEFAULT_PAYMENT_METHOD,
        key=f"authorize:{payment.id}:{payment.attempt}",
        since=payment.requested_at,
        may_post=account.now - payment.asked_since < KEY_LASTS and not payment.void_requested,
        screen=account.verdict is None,
        ip_address=ip_address,
    )


def _same(payment: Payment, command: AuthorizePayment) -> bool:
    """Whether the command asks for this very payment; a tombstone has no terms yet."""
    asked = (command.amount, command.currency, command.order_id or payment.order_id)
    return payment.never_was or asked == (payment.amount, payment.currency, payment.order_id)


def _answer_again(account: Account, sent_at: datetime) -> None:
    """Whoever asks after the decision waits for an answer; whoever asked before has been told by it."""
    payment, adopted = account.payment, account.adopted
    decided_at = payment.closed_at if payment.status == PaymentStatus.FAILED else payment.authorized_at
    if payment.status != PaymentStatus.VOIDED and decided_at is not None and sent_at <= decided_at:
        return
    if payment.status in (PaymentStatus.FAILED, PaymentStatus.VOIDED):
        account.facts.append(facts.failed(payment, account.verdict, account.now))
    elif adopted is not None:
        account.facts.append(facts.authorized(payment, adopted, account.verdict, account.now))


def _screen(question: Question) -> FraudAnswer:
    return fraud.verdict_on(
        payment_id=question.payment_id,
        order_id=question.order_id,
        customer_id=question.customer_id,
        amount=question.amount,
        currency=question.currency,
        ip_address=question.ip_address,
    )


def _ask(question: Question) -> Sequence[Answer]:
    if not question.may_post:
        return _look_up(question)
    answer = stripe.hold(
        payment_id=question.payment_id,
        order_id=question.order_id,
        amount=question.amount,
        currency=question.currency,
        method=question.method,
        key=question.key,
    )
    if not (isinstance(answer, Unclear) and answer.key_spent):
        return [answer]
    found = _look_up(question)
    # The key only ever repeats an error, and nothing was made under it: a new key may be used.
    return [Unclear(answer.error, maybe_done=False, key_spent=True)] if found == [Absent()] else found


def _look_up(question: Question) -> Sequence[Answer]:
    found = stripe.find(payment_id=question.payment_id, since=question.since)
    if isinstance(found, Unclear):
        return [found]
    return found or [Absent()]


def _record(accounts: Accounts, account: Account, item: Called[Question, Told]) -> None:
    told, payment = item.result, account.payment
    if told.fraud is not None:
        settle_verdict(account, told.fraud)
    for reply in told.answers:
        settle(account, reply)
    if payment.status in UNDECIDED:
        _ask_again(account, told.answers[0], item.envelope)
        return
    unresolved = any(isinstance(reply, Unclear) and reply.maybe_done for reply in told.answers)
    given_up = payment.status in (PaymentStatus.FAILED, PaymentStatus.VOIDED)
    if unresolved and given_up:
        account.ask_again(0)
    # One that is authorised already is asked about by its capture: a webhook was faster than this answer.
    if account.release or (given_up and payment.ask_again_at is not None):
        void_again(payment, cause=item.envelope)


def _ask_again(account: Account, reply: Answer, cause: Envelope[Any]) -> None:
    payment = account.payment
    if isinstance(reply, Unclear) and reply.key_spent and not reply.maybe_done:
        payment.attempt += 1
        payment.asked_since = None
    due_at = account.ask_again(wait_after(payment.asked))
    if payment.void_requested:
        void_again(payment, cause=cause)
    else:
        authorize_again(payment, cause=cause, due_at=due_at)


@cache
def _screeners() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="fraud")


authorize_payment = Outside(
    name="payments.authorize_payment",
    prepare=prepare,
    call=call,
    record=record,
    answer=answer,
    batch_size=BATCH,
    lease_seconds=LEASE_SECONDS,
    threads=THREADS,
)
