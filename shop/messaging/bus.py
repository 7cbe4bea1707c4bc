"""The one way to speak: ``send`` and ``publish`` append to the open transaction, ``ask`` reads, ``execute`` waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from shop.contracts.base import Command, Event, Part, Query
from shop.messaging.delivery.execution import execute, leaves_the_process
from shop.messaging.envelope import Envelope, Origin
from shop.messaging.outgoing import current_unit, unit_of_work
from shop.messaging.routing import switchboard

__all__ = ["ask", "call", "execute", "leaves_the_process", "publish", "send", "unit_of_work"]


def send(command: Command, *, cause: Envelope[Any] | Origin | None = None, due_at: datetime | None = None) -> UUID:
    """Ask another capability to do something, as part of the open unit of work. Returns the message id.

    ``cause`` is the message that led here (a batch handler must say which). ``due_at`` (UTC) delays it.
    Raises ``NoTransaction`` outside ``unit_of_work()`` and ``NotRouted`` for a message the switchboard does not know.
    """
    return current_unit().add(command, cause=cause, due_at=due_at)


def publish(event: Event, *, cause: Envelope[Any] | Origin | None = None, sequence: int | None = None) -> UUID:
    """State a fact that becomes true with the open unit of work. Returns the message id.

    ``sequence`` is its place within its key, allotted under the aggregate's row lock. Raises as ``send`` does.
    """
    return current_unit().add(event, cause=cause, sequence=sequence)


def call(command: Command) -> Any:
    """Run the handler of ``command`` inside the open unit of work and return its answer: part of the caller's own decision.

    For a capability of another system whose answer is needed before the caller's transaction can end (a cart and its
    discount). Not recorded as a message of its own; what the handler publishes is. Raises what the handler refuses with.
    """
    current_unit()
    (route,) = switchboard().routes(type(command))
    handler: Any = route.handler
    return handler(command)


def ask(query: Query) -> Any:
    """The answer to ``query``: an instance of its ``response``. Raises ``Missing`` when there is no such thing."""
    answer: Part = switchboard().answerer(type(query))(query)
    return answer
