"""The design as a graph: which message leads, through whom, to which others. From the switchboard, the sagas and the code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from config.catalogue.code import OURS, Said, said_by
from shop.console.verbs import Verb
from shop.contracts.base import Command, Event, Message, Query
from shop.contracts.registry import ALL
from shop.messaging.handlers import handler_name
from shop.messaging.routing import Route, switchboard
from shop.messaging.saga.declaration import Saga, Step
from shop.messaging.switchboard import Switchboard

BACK_OFFICE, COMMAND_LINE, TIMETABLE = "back office", "command line", "timetable"
# Rooms people come in by, beside HTTP.
DOORS: Final = {"verbs": BACK_OFFICE, "admin": BACK_OFFICE, "management": COMMAND_LINE}


@dataclass(frozen=True, slots=True)
class Edge:
    """``before`` reaches ``through``, which may then say ``after``; ``undoing`` if it takes something back."""

    before: type[Message]
    through: str
    after: type[Message]
    undoing: bool = False


@dataclass(frozen=True, eq=False)
class Design:
    """What the code says about itself. Names of handlers are those deliveries are addressed by."""

    edges: tuple[Edge, ...]
    consumers: Mapping[type[Message], tuple[str, ...]]
    asks: Mapping[str, frozenset[type[Query]]]
    doors: Mapping[type[Message], tuple[str, ...]]
    _after: Mapping[type[Message], tuple[Edge, ...]] = field(default_factory=dict, repr=False)

    def after(self, message: type[Message]) -> tuple[Edge, ...]:
        """What may follow ``message`` directly."""
        return self._after.get(message, ())

    def producers(self, message: type[Message]) -> tuple[str, ...]:
        """The handlers that may say ``message``."""
        return tuple(sorted({edge.through for edge in self.edges if edge.after is message}))

    def askers(self, query: type[Query]) -> tuple[str, ...]:
        """The handlers that ask ``query``."""
        return tuple(sorted(name for name, queries in self.asks.items() if query in queries))


@cache
def _design_of(board_id: int) -> Design:
    return _read(switchboard())


def design() -> Design:
    """The design of the switchboard in force; read once per switchboard."""
    return _design_of(id(switchboard()))


def _read(board: Switchboard) -> Design:
    taps = {tap.name for tap in board.taps}
    said = {entry.name: _whole(board, entry) for entry in board.all_routes() if not _is_saga(board, entry)}
    served = [message for message in ALL if not issubclass(message, Query) and board.knows(message)]
    edges = [edge for message in served for edge in _edges(board, message, said)]
    after: dict[type[Message], list[Edge]] = defaultdict(list)
    for edge in edges:
        after[edge.before].append(edge)
    return Design(
        edges=tuple(edges),
        consumers={
            **{message: tuple(entry.name for entry in board.routes(message) if entry.name not in taps) for message in served},
            **{query: (handler_name(answer),) for query, answer in board.queries.items()},
        },
        asks={name: frozenset(found.asks) for name, found in said.items()},
        doors=_doors(board, said),
        _after={message: tuple(found) for message, found in after.items()},
    )


def _is_saga(board: Switchboard, entry: Route) -> bool:
    return any(saga.subscriber_name() == entry.name for saga in board.sagas)


def _whole(board: Switchboard, entry: Route) -> Said:
    """What a handler may say, with what the handlers it calls within its own transaction may say."""
    said = said_by(entry.handler)
    called: set[type[Command]] = set()
    while said.calls - called:
        command = (said.calls - called).pop()
        called.add(command)
        (route,) = board.routes(command)
        more = said_by(route.handler)
        said.says |= more.says
        said.asks |= more.asks
        said.calls |= more.calls
    return said


def _edges(board: Switchboard, message: type[Message], said: Mapping[str, Said]) -> Iterator[Edge]:
    sagas = {saga.subscriber_name(): saga for saga in board.sagas}
    for entry in board.routes(message):
        if entry.name in sagas:
            heard = board.wanted(entry.name, message)
            yield from (replace(edge, before=message) for edge in _moves(sagas[entry.name], heard))
        else:
            for after in _in_order(said[entry.name].says):
                yield Edge(message, entry.name, after)


def _moves(saga: type[Saga], reply: type[Message]) -> Iterator[Edge]:
    """What a saga does when it hears ``reply``."""
    name, steps = saga.subscriber_name(), saga.steps
    if reply is saga.started_by:
        yield Edge(reply, name, steps[0].command)
    for index, step in enumerate(steps):
        if reply is step.done:
            yield from (Edge(reply, name, after) for after in _next(saga, index))
        # What comes after the run was given up is taken back.
        if reply in {step.done, step.failed, step.undone}:
            yield from (Edge(reply, name, undo, undoing=True) for undo in _undoes(steps[: index + 1]))
    if any(reply in {step.done, step.failed, step.undone} for step in steps):
        yield from (Edge(reply, name, after, undoing=True) for after in _in_order(said_by(saga.aborted).says))


def _next(saga: type[Saga], index: int) -> Iterable[type[Message]]:
    if index + 1 < len(saga.steps):
        return [saga.steps[index + 1].command]
    return _in_order(said_by(saga.completed).says)


def _undoes(steps: Iterable[Step]) -> list[type[Command]]:
    return [step.undo for step in reversed(list(steps)) if step.undo is not None]


def _in_order(messages: Iterable[type[Message]]) -> list[type[Message]]:
    return sorted(messages, key=lambda message: message.full_name())


def _doors(board: Switchboard, said: Mapping[str, Said]) -> Mapping[type[Message], tuple[str, ...]]:
    """By which doors each command and query comes into the house."""
    found: dict[type[Message], set[str]] = defaultdict(set)
    for message, door in _ways_in(board, said):
        if not issubclass(message, Event):
            found[message].add(door)
    return {message: tuple(sorted(doors)) for message, doors in found.items()}


def _ways_in(board: Switchboard, said: Mapping[str, Said]) -> Iterator[tuple[type[Message], str]]:
    yield from ((message, f"{message.http.method} {message.http.path}") for message in ALL if message.http is not None)
    yield from ((type(entry.command), f"{TIMETABLE}, every {entry.seconds} s") for entry in board.timetable)
    for module, door in _front_doors():
        yield from ((command, door) for command in _built_in(module))
    for verb in _verbs(Verb):
        yield from ((command, BACK_OFFICE) for command in said_by(verb).says)
    for name, whole in said.items():
        yield from ((command, f"{name}, within its own transaction") for command in whole.calls)


def _verbs(verb: type[Verb]) -> Iterator[type[Verb]]:
    """Everything an operator can do, wherever it is written."""
    for one in verb.__subclasses__():
        yield one
        yield from _verbs(one)


def _front_doors() -> Iterator[tuple[str, str]]:
    base = Path(settings.BASE_DIR)
    for package in OURS:
        if package == "config":
            continue
        for source in sorted((base / package).rglob("*.py")):
            dotted = ".".join(source.relative_to(base).with_suffix("").parts)
            for room, door in DOORS.items():
                if room in dotted.split(".") and source.stem != "__init__":
                    yield dotted, door


def _built_in(module: str) -> Iterator[type[Command]]:
    found: Any = import_module(module)
    own = [value for value in vars(found).values() if getattr(value, "__module__", "") == module and callable(value)]
    for message in said_by(*own).says:
        if issubclass(message, Command):
            yield message
