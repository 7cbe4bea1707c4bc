"""The three shapes of handler. A plain function takes one message; ``in_batches`` takes many in one transaction;
``Outside`` leaves the process between two transactions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shop.contracts.base import Part
from shop.messaging.envelope import Envelope

F = TypeVar("F", bound=Callable[..., Any])
Intent = TypeVar("Intent")
Result = TypeVar("Result")
Batch = Sequence[Envelope[Any]]

DEFAULT_BATCH = 50


def in_batches(size: int = DEFAULT_BATCH) -> Callable[[F], F]:
    """Marks ``handler(batch: Sequence[Envelope[X]]) -> Sequence[Part | None] | None`` as set-based.

    It runs once for up to ``size`` messages inside one transaction and takes its row locks in primary-key order. An answer
    per message, in the batch's order, is needed only where somebody executes the command and waits.
    """

    def mark(handler: F) -> F:
        handler.batch_size = size  # type: ignore[attr-defined]
        return handler

    return mark


@dataclass(frozen=True, slots=True)
class Call(Generic[Intent]):
    """One outside call to make for ``envelope``; ``intent`` is everything it needs, already committed."""

    envelope: Envelope[Any]
    intent: Intent


@dataclass(frozen=True, slots=True)
class Called(Generic[Intent, Result]):
    """One outside call that was made, and what came back."""

    envelope: Envelope[Any]
    intent: Intent
    result: Result


@dataclass(frozen=True, slots=True)
class Outside(Generic[Intent, Result]):
    """A handler that talks to somebody outside, never inside a transaction.

    ``prepare(batch)`` runs in the transaction that leases the deliveries: it commits the intent and its idempotency key and
    returns the calls to make (a message it needs no call for is simply done). ``call(intent)`` runs in a thread, without a
    database transaction; a timeout is a *result* (unknown), not an exception. ``record(called)`` runs in one transaction that is
    fenced by the lease; it may get the batch in several groups, as answers come in. ``answer(envelopes)`` is asked, after it
    all, by a caller that waits (``execute``) and reads what was decided.
    """

    name: str
    prepare: Callable[[Batch], Sequence[Call[Intent]]]
    call: Callable[[Intent], Result]
    record: Callable[[Sequence[Called[Intent, Result]]], None]
    answer: Callable[[Envelope[Any]], Part | None] = lambda envelope: None
    batch_size: int = DEFAULT_BATCH
    lease_seconds: int = 60
    threads: int = 16


Handler = Callable[..., Any] | Outside[Any, Any]


def handler_name(handler: Handler) -> str:
    """``fulfilment.inventory.reserve_inventory`` for the function of that name in ``fulfilment/inventory/handlers.py``."""
    if isinstance(handler, Outside):
        return handler.name
    module = handler.__module__.replace(".handlers", "")
    return f"{module}.{handler.__qualname__}"
