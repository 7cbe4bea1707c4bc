"""Whole batches of payments in a constant number of statements: locked, changed in memory through their transitions, saved."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from payments.models import FraudCheck, Payment, PaymentAuthorization, ProviderCall, Refund
from shop.contracts.base import Event
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.outgoing import transaction_time
from shop.messaging.sets import Column, fetch_rows, instance, locked
from shop.messaging.together import Together

KEY: Column = ("id", "uuid")
PAYMENT_CHANGES: tuple[Column, ...] = (
    ("status", "text"),
    ("captured_amount", "bigint"),
    ("refunded_amount", "bigint"),
    ("intent_id", "text"),
    ("failure_reason", "text"),
    ("message", "text"),
    ("void_requested", "boolean"),
    ("void_reason", "text"),
    ("capture_requested", "boolean"),
    ("to_return", "bigint"),
    ("capture_asked_at", "timestamptz"),
    ("attempt", "smallint"),
    ("asked", "integer"),
    ("asked_since", "timestamptz"),
    ("ask_again_at", "timestamptz"),
    ("last_error", "text"),
    ("authorized_at", "timestamptz"),
    ("closed_at", "timestamptz"),
    ("version", "integer"),
)
AUTHORIZATION_COLUMNS: tuple[Column, ...] = (
    ("id", "uuid"),
    ("payment_id", "uuid"),
    ("provider_intent_id", "text"),
    ("status", "text"),
    ("amount", "bigint"),
    ("currency", "text"),
    ("captured_amount", "bigint"),
    ("capture_before", "timestamptz"),
)
AUTHORIZATION_CHANGES: tuple[Column, ...] = (
    ("status", "text"),
    ("captured_amount", "bigint"),
    ("capture_before", "timestamptz"),
    ("updated_at", "timestamptz"),
)
FRAUD_COLUMNS: tuple[Column, ...] = (("payment_id", "uuid"), ("verdict", "text"), ("score", "float8"), ("reason", "text"))
REFUND_COLUMNS: tuple[Column, ...] = (
    ("id", "uuid"),
    ("payment_id", "uuid"),
    ("amount", "bigint"),
    ("currency", "text"),
    ("kind", "text"),
    ("status", "text"),
    ("reason", "text"),
    ("requested_by", "text"),
    ("requested_at", "timestamptz"),
)
CALL_COLUMNS: tuple[Column, ...] = (
    ("payment_id", "uuid"),
    ("operation", "text"),
    ("idempotency_key", "text"),
    ("outcome", "text"),
    ("detail", "text"),
    ("milliseconds", "integer"),
)

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
_VERDICT_ENDS = 1 + len(FraudCheck._meta.concrete_fields)


@dataclass(slots=True)
class Account:
    """One payment, its row locked, with all that is known about it; ``facts`` are published when it is saved.

    ``release`` says that the provider holds money which this payment must not keep.
    """

    payment: Payment
    now: datetime
    verdict: FraudCheck | None
    authorizations: list[PaymentAuthorization] = field(default_factory=list)
    created: list[PaymentAuthorization] = field(default_factory=list)
    updated: list[PaymentAuthorization] = field(default_factory=list)
    new_verdict: FraudCheck | None = None
    refunds: list[Refund] = field(default_factory=list)
    facts: list[Event] = field(default_factory=list)
    changed: bool = False
    release: bool = False

    def authorization(self, intent_id: str | None) -> PaymentAuthorization | None:
        """Our record of that intent, if there is one."""
        return next((item for item in self.authorizations if item.provider_intent_id == intent_id), None)

    @property
    def adopted(self) -> PaymentAuthorization | None:
        """The authorisation this payment goes by."""
        return self.authorization(self.payment.intent_id or None)

    @property
    def live(self) -> list[PaymentAuthorization]:
        """Everything the provider holds for this payment right now."""
        return [item for item in self.authorizations if item.is_live]

    def ask_again(self, seconds: float) -> datetime:
        """Note that the provider has to be asked again, and when."""
        due_at = self.now + timedelta(seconds=seconds)
        self.payment.ask_again_at = due_at
        self.changed = True
        return due_at


@dataclass(slots=True)
class Accounts:
    """The payments of one batch. ``now`` is the database's."""

    by_id: dict[UUID, Account]
    calls: list[ProviderCall] = field(default_factory=list)

    def get(self, payment_id: UUID) -> Account | None:
        """That payment, unless we have none of that id."""
        return self.by_id.get(payment_id)

    def save(self) -> None:
        """Write down everything that changed, in one statement."""
        accounts = list(self.by_id.values())
        created = [item for account in accounts for item in account.created]
        updated = {item.id: item for account in accounts for item in account.updated if item not in account.created}
        verdicts = [account.new_verdict for account in accounts if account.new_verdict]
        changed = [account for account in accounts if account.changed]
        for account in changed:
            account.payment.version += 1
        refunds = [item for account in accounts for item in account.refunds]
        payments = [account.payment for account in changed]
        (
            Together()
            .insert(
                "payments_paymentauthorization", AUTHORIZATION_COLUMNS, (_values(item, AUTHORIZATION_COLUMNS) for item in created)
            )
            .update(
                "payments_paymentauthorization", KEY, AUTHORIZATION_CHANGES, _changes(updated.values(), AUTHORIZATION_CHANGES)
            )
            .insert("payments_fraudcheck", FRAUD_COLUMNS, (_values(item, FRAUD_COLUMNS) for item in verdicts))
            .insert("payments_refund", REFUND_COLUMNS, (_values(item, REFUND_COLUMNS) for item in refunds))
            .update("payments_payment", KEY, PAYMENT_CHANGES, _changes(payments, PAYMENT_CHANGES))
            .insert("payments_providercall", CALL_COLUMNS, (_values(item, CALL_COLUMNS) for item in self.calls))
            .write()
        )
        self.calls = []
        for account in accounts:
            account.created, account.updated, account.new_verdict, account.changed = [], [], None, False
            account.refunds = []

    def publish(self, account: Account, cause: Envelope[Any]) -> None:
        """State the facts that this payment gathered, as consequences of ``cause``."""
        for fact in account.facts:
            publish(fact, cause=cause)
        account.facts = []


def open_accounts(payment_ids: Iterable[UUID]) -> Accounts:
    """Those of these payments that exist, their rows locked in primary-key order until the transaction ends."""
    accounts = new_accounts(locked(Payment, payment_ids))
    by_id = accounts.by_id
    for row in fetch_rows(_known_sql(), [[*by_id]]) if by_id else ():
        account, verdict, authorization = by_id[row[0]], row[1:_VERDICT_ENDS], row[_VERDICT_ENDS:]
        if verdict[0] is not None and account.verdict is None:
            account.verdict = instance(FraudCheck, verdict)
        if authorization[0] is not None:
            account.authorizations.append(instance(PaymentAuthorization, authorization))
    return accounts


def new_accounts(payments: Iterable[Payment]) -> Accounts:
    """Payments whose rows this transaction holds and of which nothing else is known yet."""
    now = transaction_time()
    return Accounts({payment.id: Account(payment=payment, now=now, verdict=None) for payment in payments})


@cache
def _known_sql() -> str:
    """What is known about payments, in one statement. Not in the one that locks them: it has to see what came before the lock."""
    models = ((FraudCheck, "f"), (PaymentAuthorization, "a"))
    columns = ", ".join(f"{name}.{field.column}" for model, name in models for field in model._meta.concrete_fields)
    return f"""
        SELECT k.id, {columns} FROM unnest(%s::uuid[]) AS k(id)
        LEFT JOIN payments_fraudcheck f ON f.payment_id = k.id
        LEFT JOIN payments_paymentauthorization a ON a.payment_id = k.id ORDER BY k.id, a.id
    """


def database_now() -> datetime:
    """The database's clock at the start of this transaction."""
    return transaction_time()


def wait_after(tries: int) -> float:
    """Seconds to wait before asking a provider again that gave no answer ``tries`` times: doubling, with jitter."""
    ceiling = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(tries, 10))
    return ceiling * random.uniform(0.5, 1)  # noqa: S311


def _changes(items: Iterable[Any], columns: Sequence[Column]) -> Iterable[tuple[Any, ...]]:
    return ((item.id, *_values(item, columns)) for item in items)


def _values(item: Any, columns: Sequence[Column]) -> tuple[Any, ...]:
    values = (getattr(item, name) for name, _ in columns)
    return tuple(str(value) if isinstance(value, str) else value for value in values)
