"""System checks: the process refuses to start when a message has no handler, too many, or a saga's reply goes nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from shop.contracts.base import Command, Event, Message, Query
from shop.contracts.registry import ALL
from shop.messaging.handlers import Outside, handler_name
from shop.messaging.routing import Route, switchboard
from shop.messaging.switchboard import Switchboard


@register("messaging")
def check_switchboard(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Everything wrong with the switchboard that ``settings.SWITCHBOARD`` names."""
    return [Error(text, hint=hint, id=code) for code, text, hint in problems(switchboard(), ALL)]


def problems(board: Switchboard, published: Sequence[type[Message]]) -> Iterator[tuple[str, str, str]]:
    """(code, sentence, hint) for every message of ``published`` that is not routed as its kind demands."""
    later = set(board.later)
    for message in published:
        if message in later:
            continue
        name = message.full_name()
        if issubclass(message, Command) and not board.knows(message):
            yield "messaging.E001", f"Command {name} has no handler.", "Name one in the switchboard."
        elif issubclass(message, Event) and not board.knows(message):
            yield "messaging.E002", f"Event {name} is missing.", "An empty list says: nobody listens, on purpose."
        elif issubclass(message, Query) and message not in board.queries:
            yield "messaging.E003", f"Query {name} has no handler.", "Name one in the switchboard."
    yield from _served_and_later(board, later)
    yield from _sagas(board)
    yield from _same_names(board)
    yield from _queues(board)
    yield from _in_order(board)


def _served_and_later(board: Switchboard, later: set[type[Message]]) -> Iterator[tuple[str, str, str]]:
    served: set[type[Message]] = {*board.commands, *board.events, *board.queries}
    for message in served & later:
        yield "messaging.E004", f"{message.full_name()} is served and also listed as later.", "Remove it from later."


def _sagas(board: Switchboard) -> Iterator[tuple[str, str, str]]:
    for saga in board.sagas:
        for event in saga.listens_to():
            if event not in board.events:
                yield (
                    "messaging.E005",
                    f"{saga.__name__} waits for {event.full_name()}, which is missing.",
                    "Add it to events.",
                )
        for command in saga.sends():
            if command not in board.commands:
                yield (
                    "messaging.E006",
                    f"{saga.__name__} sends {command.full_name()}, which has no handler.",
                    "Add it to commands.",
                )


def _same_names(board: Switchboard) -> Iterator[tuple[str, str, str]]:
    entries = [*board.commands.values(), *(entry for entries in board.events.values() for entry in entries)]
    handlers = {id(handler): handler for handler in (e.handler if isinstance(e, Route) else e for e in entries)}
    names = Counter(handler_name(handler) for handler in handlers.values())
    for name, count in names.items():
        if count > 1:
            yield (
                "messaging.E007",
                f"{count} handlers are called {name}.",
                "Deliveries are addressed by name: rename one.",
            )


def _queues(board: Switchboard) -> Iterator[tuple[str, str, str]]:
    known = {queue.name for queue in settings.CELERY_TASK_QUEUES}
    for entry in board.all_routes():
        if entry.queue not in known:
            yield "messaging.E008", f"{entry.name} waits in {entry.queue}, a queue no worker serves.", "See CELERY_TASK_QUEUES."


def _in_order(board: Switchboard) -> Iterator[tuple[str, str, str]]:
    for entry in board.all_routes():
        if entry.ordered and isinstance(entry.handler, Outside):
            yield "messaging.E009", f"{entry.name} leaves the process, so it cannot be ordered.", "Its calls are made at once."
