"""The unit of work: one transaction whose messages are written with it, in one statement, and whose bells ring after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import connection, transaction
from uuid_utils.compat import uuid7

from shop.contracts.base import Message
from shop.messaging.context import current_actor, current_correlation
from shop.messaging.doorbell import announce
from shop.messaging.envelope import Envelope, Origin
from shop.messaging.errors import NoTransaction
from shop.messaging.handlers import Outside
from shop.messaging.routing import Route, switchboard
from shop.messaging.sets import Column, columns_of, fetch_rows, run
from shop.messaging.states import DeliveryStatus

MESSAGE_COLUMNS: tuple[Column, ...] = (
    ("id", "uuid"),
    ("kind", "text"),
    ("name", "text"),
    ("version", "text"),
    ("key", "text"),
    ("sequence", "bigint"),
    ("correlation_id", "uuid"),
    ("causation_id", "uuid"),
    ("actor", "text"),
    ("payload", "jsonb"),
)
SAY = f"""
    INSERT INTO messaging_message ({", ".join(name for name, _ in MESSAGE_COLUMNS)})
    SELECT * FROM unnest({", ".join(f"%s::{kind}[]" for _, kind in MESSAGE_COLUMNS)})
"""
# A delivery is due at once unless it says later. One that is done already was executed by a caller who waited, or handled in
# the transaction that said it; one that is leased already is about to be carried outside by the worker that said it.
ADDRESS = """
    INSERT INTO messaging_delivery
        (message_id, subscriber, queue, key, status, attempts, due_at, lease, leased_until, done_at, error, fingerprint)
    SELECT message_id, subscriber, queue, key, status, CASE WHEN status = 'leased' THEN 1 ELSE 0 END, COALESCE(due_at, now()),
           lease, now() + make_interval(secs => lease_seconds), CASE WHEN status = 'done' THEN statement_timestamp() END, '', ''
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::uuid[], %s::float8[])
         AS v(message_id, subscriber, queue, key, status, due_at, lease, lease_seconds)
    RETURNING id, message_id, subscriber, status
"""
DELIVERY_WIDTH = 8
# The inbox: without this mark the same mail would have its effect again.
MARK_DONE = "UPDATE messaging_delivery SET status = 'done', done_at = statement_timestamp() WHERE id = ANY(%s::bigint[])"
# All that a transaction leaves in the mailbox, in one statement; it answers with the numbers of what it leased.
WRITE = f"""
    WITH messages AS ({SAY}), deliveries AS ({ADDRESS}), marked AS ({MARK_DONE})
    SELECT message_id, subscriber, id FROM deliveries WHERE status = 'leased'
"""


class LastWords(Protocol):
    """What a handler has decided and not written yet: it is written once, before the transaction's mail is."""

    def write(self) -> None:
        """Write it."""


@dataclass(slots=True)
class Outgoing:
    """One message waiting for the end of its transaction; ``executed`` if a caller waits for its handler right here."""

    id: UUID
    message: Message
    routes: tuple[Route, ...]
    sequence: int | None
    correlation_id: UUID
    causation_id: UUID | None
    actor: str
    due_at: datetime | None
    executed: bool
    delivered: set[str] = field(default_factory=set)  # subscribers that have handled it in this very transaction
    leases: dict[str, tuple[UUID, float]] = field(default_factory=dict)  # subscribers it is leased to as it is written; seconds

    def row(self) -> tuple[Any, ...]:
        """Its row in the message table, in the order of ``MESSAGE_COLUMNS``."""
        message = self.message
        return (
            self.id,
            message.kind,
            message.message_name(),
            message.version,
            message.ordering_key(),
            self.sequence,
            self.correlation_id,
            self.causation_id,
            self.actor,
            message.payload(),
        )

    def deliveries(self) -> Iterator[tuple[Any, ...]]:
        """One row per subscriber, in the order that ``ADDRESS`` takes them."""
        for entry in self.routes:
            lease, seconds = self.leases.get(entry.name, (None, None))
            key = (self.message.ordering_key() or str(self.id)) if entry.ordered else ""
            yield (self.id, entry.name, entry.queue, key, self._status(entry).value, self.due_at, lease, seconds)

    def waiting(self) -> tuple[Route, ...]:
        """Who has mail once this is committed."""
        if self.executed or self.due_at is not None:
            return ()
        return tuple(entry for entry in self.routes if entry.name not in self.delivered and entry.name not in self.leases)

    def envelope(self, at: datetime, *, awaited: bool = False) -> Envelope[Any]:
        """What its handler gets when it is handled in the very transaction that says it."""
        return Envelope(
            id=self.id,
            message=self.message,
            correlation_id=self.correlation_id,
            causation_id=self.causation_id,
            actor=self.actor,
            sent_at=at,
            sequence=self.sequence,
            awaited=awaited,
        )

    def _status(self, entry: Route) -> DeliveryStatus:
        if entry.name in self.leases:
            return DeliveryStatus.LEASED
        done = entry.name in self.delivered or (self.executed and not isinstance(entry.handler, Outside))
        return DeliveryStatus.DONE if done else DeliveryStatus.OPEN


@dataclass(slots=True)
class UnitOfWork:
    """What one transaction will have said when it commits."""

    cause: Envelope[Any] | Origin | None = None
    outgoing: list[Outgoing] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)
    waiting: set[Route] = field(default_factory=set)
    numbers: dict[tuple[UUID, str], int] = field(default_factory=dict)  # of what was leased as it was written
    last_words: dict[str, LastWords] = field(default_factory=dict)
    began_at: datetime | None = None  # the database's ``now()``, once somebody has asked

    def add(
        self,
        message: Message,
        *,
        cause: Envelope[Any] | Origin | None = None,
        sequence: int | None = None,
        due_at: datetime | None = None,
        executed: bool = False,
    ) -> UUID:
        """Append one message; it exists once the transaction commits. Returns its id (UUIDv7)."""
        origin = cause or self.cause
        message_id = uuid7()
        if origin is None:
            correlation, causation, actor = current_correlation() or message_id, None, current_actor()
        else:
            correlation, causation, actor = origin.correlation_id, origin.id, origin.actor
        routes = switchboard().routes(type(message))
        self.outgoing.append(Outgoing(message_id, message, routes, sequence, correlation, causation, actor, due_at, executed))
        return message_id

    def settle(self, delivery_ids: Iterable[int]) -> None:
        """These deliveries have had their effect in this very transaction: they are done when it commits."""
        self.settled.extend(delivery_ids)

    def flush(self) -> None:
        """Write everything said and settled so far, in one statement: messages, their deliveries, and the done-marks."""
        self.speak_last_words()
        said, self.outgoing = self.outgoing, []
        settled, self.settled = self.settled, []
        if said:
            rows = columns_of([item.row() for item in said], len(MESSAGE_COLUMNS))
            deliveries = columns_of([row for item in said for row in item.deliveries()], DELIVERY_WIDTH)
            leased = fetch_rows(WRITE, [*rows, *deliveries, settled])
            self.numbers.update({(message_id, subscriber): number for message_id, subscriber, number in leased})
        elif settled:
            run(MARK_DONE, [settled])
        for item in said:
            self.waiting.update(item.waiting())

    def speak_last_words(self) -> None:
        """Write what handlers have put off until the end of this transaction; it may say something yet."""
        words, self.last_words = self.last_words, {}
        for word in words.values():
            word.write()


_current: ContextVar[UnitOfWork | None] = ContextVar("unit_of_work", default=None)


def current_unit() -> UnitOfWork:
    """The open unit of work. Raises ``NoTransaction`` outside one."""
    unit = _current.get()
    if unit is None or not connection.in_atomic_block:
        raise NoTransaction("send and publish need an open unit_of_work()")
    return unit


def transaction_time() -> datetime:
    """The database's ``now()``, equal throughout one transaction and therefore asked at most once in it."""
    unit = _current.get()
    if unit is None or not connection.in_atomic_block:
        return _database_now()
    if unit.began_at is None:
        unit.began_at = _database_now()
    return unit.began_at


def _database_now() -> datetime:
    now: datetime = fetch_rows("SELECT now()")[0][0]
    return now


def cause_within(correlation_id: UUID) -> Origin | None:
    """What led to the present unit of work, moved to another chain: the cause of a fact that opens a chain of its own."""
    cause = current_unit().cause
    return None if cause is None else Origin(correlation_id=correlation_id, actor=cause.actor, id=cause.id)


@contextmanager
def unit_of_work(cause: Envelope[Any] | Origin | None = None) -> Iterator[UnitOfWork]:
    """A transaction that owns what is said inside it: messages commit with the change, or neither does.

    Nested, it is a savepoint: what was said inside is forgotten when it raises. Bells ring after the outermost commit.
    """
    outer = _current.get()
    unit = UnitOfWork(cause=cause or (outer.cause if outer else None), began_at=outer.began_at if outer else None)
    token = _current.set(unit)
    try:
        with transaction.atomic():
            yield unit
            if outer is None:
                unit.flush()
                transaction.on_commit(lambda: announce(unit.waiting))
            else:
                unit.speak_last_words()
                outer.outgoing.extend(unit.outgoing)
                outer.settled.extend(unit.settled)
                outer.waiting.update(unit.waiting)
    finally:
        _current.reset(token)
