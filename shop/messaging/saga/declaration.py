"""A saga as data: its steps in order, what each asks, what counts as done or failed, and how it is undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from shop.contracts.base import Command, Event
from shop.messaging.envelope import Envelope
from shop.messaging.saga.records import AttemptRecord, SagaRecord
from shop.messaging.sets import Column

Ask = Callable[[Any], Command]
Learn = Callable[[Any, Any], Mapping[str, Any]]

COMPLETED, COMPENSATING, ABORTED, NEEDS_ATTENTION = "COMPLETED", "COMPENSATING", "ABORTED", "NEEDS_ATTENTION"
TERMINAL = (COMPLETED, ABORTED)


def nothing_to_learn(record: Any, reply: Any) -> Mapping[str, Any]:
    """For replies that carry nothing the saga needs later."""
    return {}


@dataclass(frozen=True, slots=True)
class Failed:
    """What a failed reply means: ``reason`` is a published code, ``error`` a sentence for operators."""

    reason: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. ``ask(record)`` builds its command, ``learn(record, reply)`` says which facts to keep of its success.

    ``undo`` with ``take_back(record)`` and ``undone`` belong together; a step without them has nothing to undo. The ``pivot`` is
    the step after whose success there is no way back: from then on the saga only goes forward.
    ``patience``: seconds to wait for an answer, doubled at each of ``tries``; ``undo_patience`` the same for its undo.
    """

    command: type[Command]
    ask: Ask
    done: type[Event]
    state: str
    learn: Learn = nothing_to_learn
    failed: type[Event] | None = None
    why: Callable[[Any], Failed] | None = None
    undo: type[Command] | None = None
    take_back: Ask | None = None
    undone: type[Event] | None = None
    pivot: bool = False
    patience: float = 15.0
    undo_patience: float = 15.0
    tries: int = 3

    @property
    def name(self) -> str:
        """The command's name: what timelines, attempts and operators call this step."""
        return self.command.message_name()


class Saga:
    """Subclass, declare, and name it in the switchboard. Instances do not exist: progress is rows of ``model``.

    ``open(envelope)`` gives the first row's columns (``opening_columns``, ``id`` first) for the event that starts it.
    ``session_of(reply)`` says whose reply this is. ``timed_out`` is the reason when patience ends before the pivot.
    """

    name: ClassVar[str]
    queue: ClassVar[str]
    model: ClassVar[type[SagaRecord]]
    attempts: ClassVar[type[AttemptRecord]]
    started_by: ClassVar[type[Event]]
    steps: ClassVar[tuple[Step, ...]]
    opening_columns: ClassVar[tuple[Column, ...]]
    timed_out: ClassVar[str] = "TIMED_OUT"

    @classmethod
    def open(cls, envelope: Envelope[Any]) -> Sequence[Any]:
        """Values of ``opening_columns`` for a new run. Must be a pure function of the event except for fresh ids."""
        raise NotImplementedError(cls.__name__)

    @classmethod
    def session_of(cls, reply: Any) -> UUID | None:
        """The id of the run that this reply belongs to; ``None`` if it is nobody's (a service used without a saga)."""
        raise NotImplementedError(cls.__name__)

    @classmethod
    def completed(cls, record: Any) -> Event:
        """The fact that it went well."""
        raise NotImplementedError(cls.__name__)

    @classmethod
    def aborted(cls, record: Any) -> Event:
        """The fact that everything has been undone."""
        raise NotImplementedError(cls.__name__)

    @classmethod
    def subscriber_name(cls) -> str:
        """How deliveries are addressed to it: ``ordering.checkout.saga``."""
        return f"{cls.__module__}"

    @classmethod
    def listens_to(cls) -> tuple[type[Event], ...]:
        """Every event it waits for, in declaration order, once each."""
        waits = [cls.started_by]
        for step in cls.steps:
            waits += [event for event in (step.done, step.failed, step.undone) if event is not None]
        return tuple(dict.fromkeys(waits))

    @classmethod
    def sends(cls) -> tuple[type[Command], ...]:
        """Every command it may send."""
        return tuple(command for step in cls.steps for command in (step.command, step.undo) if command is not None)

    @classmethod
    def past_the_pivot(cls, index: int) -> bool:
        """Whether the step of that index is the pivot or comes after it: it can only be repeated, never undone."""
        return any(step.pivot for step in cls.steps[: index + 1])

    @classmethod
    def step_named(cls, name: str) -> Step:
        """The step of that name. Raises ``KeyError``."""
        return next(step for step in cls.steps if step.name == name)
