"""Who acts, in which chain, doing what: carried by context variables from the front door into every message written behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from structlog.contextvars import bound_contextvars
from uuid_utils.compat import uuid7


@dataclass(frozen=True, slots=True)
class Deed:
    """What a person does and why: ``verb`` as the audit trail calls it (``product.edit``)."""

    verb: str = ""
    reason: str = ""


NOTHING = Deed()
_deed: ContextVar[Deed] = ContextVar("deed", default=NOTHING)
_actor: ContextVar[str] = ContextVar("actor", default="system")
_correlation: ContextVar[UUID | None] = ContextVar("correlation", default=None)


def current_actor() -> str:
    """``customer:<id>``, ``staff:<username>``, ``service:<name>`` or ``system``."""
    return _actor.get()


def current_correlation() -> UUID | None:
    """The chain this thread works in, or ``None`` outside any."""
    return _correlation.get()


def act_as(actor: str) -> None:
    """From here on this thread acts on behalf of ``actor``, for processes that do one thing for one person."""
    _actor.set(actor)


@contextmanager
def acting(actor: str, correlation_id: UUID | None = None) -> Iterator[UUID]:
    """Everything sent inside is on behalf of ``actor`` and in one chain; yields the chain's correlation id."""
    chain = correlation_id or uuid7()
    actor_token, chain_token = _actor.set(actor), _correlation.set(chain)
    try:
        with bound_contextvars(correlation_id=str(chain), actor=actor):
            yield chain
    finally:
        _actor.reset(actor_token)
        _correlation.reset(chain_token)


def current_deed() -> Deed:
    """What this thread is about to do for a person; empty outside any deed."""
    return _deed.get()


@contextmanager
def doing(verb: str, reason: str) -> Iterator[None]:
    """Whatever changes inside changes by this verb and for this reason; the record of changed objects says so."""
    token = _deed.set(Deed(verb, reason))
    try:
        yield
    finally:
        _deed.reset(token)
