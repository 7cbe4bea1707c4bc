"""Flows as data: what a command sets off, step by step, and whether a recorded journey kept to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from config.catalogue.design import Design, design
from shop.contracts.base import Command, Event, Message
from shop.contracts.registry import UnknownMessage, find
from shop.messaging.routing import switchboard
from shop.messaging.saga.declaration import Saga


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One message of a flow, who may say it, and what may follow: first what carries on, then what takes back."""

    message: type[Message]
    next: tuple[type[Message], ...]
    undo: tuple[type[Message], ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """Everything that ``start`` may set off, in the order in which it is reached. ``doors`` are the ways in."""

    start: type[Message]
    doors: tuple[str, ...]
    steps: tuple[FlowStep, ...]

    @property
    def id(self) -> str:
        """What documents and addresses call it."""
        return self.start.message_name()

    @property
    def messages(self) -> tuple[type[Message], ...]:
        """Every message of it, once each."""
        return tuple(step.message for step in self.steps)


@dataclass(frozen=True, slots=True)
class Stray:
    """A message that followed another although the design does not say so."""

    before: str
    after: str


def flow_of(start: type[Message], plan: Design | None = None) -> Flow:
    """The flow that ``start`` sets off."""
    known = plan or design()
    steps: dict[type[Message], FlowStep] = {}
    waiting = deque([start])
    while waiting:
        message = waiting.popleft()
        if message in steps:
            continue
        edges = known.after(message)
        carried_on = tuple(dict.fromkeys(edge.after for edge in edges if not edge.undoing))
        undone = tuple(dict.fromkeys(edge.after for edge in edges if edge.undoing and edge.after not in carried_on))
        steps[message] = FlowStep(message, carried_on, undone)
        waiting.extend((*carried_on, *undone))
    return Flow(start, known.doors.get(start, ()), tuple(steps.values()))


def flows() -> tuple[Flow, ...]:
    """One flow per command that somebody can give and that something follows from, by name."""
    known = design()
    starts = [message for message in known.doors if issubclass(message, Command) and known.after(message)]
    return tuple(flow_of(start, known) for start in sorted(starts, key=lambda message: message.full_name()))


def sagas_with(message: type[Message]) -> list[type[Saga]]:
    """The sagas that send this message or wait for it."""
    return [saga for saga in switchboard().sagas if message in {*saga.listens_to(), *saga.sends()}]


def flows_with(message: type[Message]) -> list[Flow]:
    """The flows in which this message, or another version of it, may be said."""
    name = message.message_name()
    return [flow for flow in flows() if any(other.message_name() == name for other in flow.messages)]


def strays(recorded: Iterable[Any]) -> list[Stray]:
    """What of these stored messages followed something that the design does not let it follow. Rows of the mailbox in, any order.

    What came from outside these rows, or from nothing (a deadline, an operator), is nobody's consequence.
    """
    rows = list(recorded)
    by_id: dict[UUID, Any] = {row.id: row for row in rows}
    allowed = {(edge.before.full_name(), edge.after.full_name()) for edge in design().edges}
    pairs = [(_full_name(by_id[row.causation_id]), _full_name(row)) for row in rows if row.causation_id in by_id]
    return [Stray(*pair) for pair in dict.fromkeys(pairs) if pair not in allowed]


def contracts_of(recorded: Sequence[Any]) -> set[type[Message]]:
    """The published messages among these rows."""
    found = set()
    for row in recorded:
        try:
            found.add(find(row.name, row.version))
        except UnknownMessage:
            continue
    return found


def told(message: type[Message]) -> str:
    """``Command ReserveInventory@1.0.0``."""
    kind = "Event" if issubclass(message, Event) else "Command" if issubclass(message, Command) else "Query"
    return f"{kind} {message.full_name()}"


def _full_name(row: Any) -> str:
    return f"{row.name}@{row.version}"
