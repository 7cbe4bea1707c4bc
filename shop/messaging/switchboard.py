"""Every message and who answers it. ``settings.SWITCHBOARD`` names the one instance by dotted path, as ROOT_URLCONF does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shop.contracts.base import Command, Event, Message, Query
from shop.contracts.registry import UnknownMessage, versions
from shop.messaging.errors import NotRouted
from shop.messaging.handlers import Handler
from shop.messaging.invariants import Check, mail_violations
from shop.messaging.routing import Route, ordered, route
from shop.messaging.saga.declaration import Saga
from shop.messaging.saga.engine import moving

__all__ = ["Every", "Switchboard", "ordered", "route"]


@dataclass(frozen=True, slots=True)
class Every:
    """A recurring command, sent by the sweeper once per period however many sweepers run."""

    seconds: int
    command: Command

    @property
    def name(self) -> str:
        """What the timetable remembers it by."""
        return self.command.message_name()


@dataclass(frozen=True)
class Switchboard:
    """The table of contents of the running system.

    ``commands``: exactly one handler each. ``events``: who listens; an empty list says nobody, on purpose. ``queries``: who
    answers. ``sagas`` add themselves to the events they wait for. ``invariants`` are what must always be true. ``later`` names
    published messages that nobody serves yet. ``taps`` get every event, as it was written.

    Whoever is named for one version of a message gets every version of it, converted into the one it is named for.
    """

    commands: Mapping[type[Command], Handler | Route]
    events: Mapping[type[Event], Sequence[Handler | Route]]
    queries: Mapping[type[Query], Callable[[Any], Any]]
    sagas: Sequence[type[Saga]] = ()
    timetable: Sequence[Every] = ()
    invariants: Mapping[str, Check] = field(default_factory=dict)
    later: Sequence[type[Message]] = ()
    taps: Sequence[Route] = ()
    _routes: dict[str, tuple[Route, ...]] = field(default_factory=dict, repr=False)
    _by_name: dict[str, Route] = field(default_factory=dict, repr=False)
    _wanted: dict[tuple[str, str], list[type[Message]]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for command, handler in self.commands.items():
            self._add(command, [handler])
        for event, handlers in self.events.items():
            self._add(event, handlers)
        for saga in self.sagas:
            saga_route = Route(name=saga.subscriber_name(), queue=saga.queue, handler=moving(saga))
            for event in saga.listens_to():
                self._add(event, [*self._routes.get(event.full_name(), ()), saga_route])
        for tap in self.taps:
            for event in self.events:
                self._add(event, [*self._routes[event.full_name()], tap])
        self._share_between_versions()

    def _add(self, message: type[Message], handlers: Iterable[Handler | Route]) -> None:
        routes = tuple(entry if isinstance(entry, Route) else route(entry) for entry in handlers)
        self._routes[message.full_name()] = routes
        for entry in routes:
            self._by_name[entry.name] = entry
            asked = self._wanted.setdefault((entry.name, message.message_name()), [])
            if message not in asked:
                asked.append(message)

    def _share_between_versions(self) -> None:
        named = dict(self._routes)
        messages: list[type[Message]] = [*self.commands, *self.events]
        for message in messages:
            for version in _versions_of(message):
                others = [entry for other in _versions_of(message) for entry in named.get(other.full_name(), ())]
                if issubclass(message, Event):
                    self._routes[version.full_name()] = tuple({entry.name: entry for entry in others}.values())
                elif version.full_name() not in named:
                    self._routes[version.full_name()] = named[message.full_name()]

    def wanted(self, subscriber: str, written: type[Message]) -> type[Message]:
        """The version of this message that ``subscriber`` is named for: the written one if it may have that, else its newest."""
        asked = self._wanted.get((subscriber, written.message_name()))
        return written if not asked or written in asked else max(asked, key=_versions_of(written).index)

    def routes(self, message: type[Message]) -> tuple[Route, ...]:
        """The subscribers of this message. Raises ``NotRouted`` for one the switchboard does not know."""
        try:
            return self._routes[message.full_name()]
        except KeyError:
            raise NotRouted(f"{message.full_name()} is not in the switchboard: name its handler there") from None

    def knows(self, message: type[Message]) -> bool:
        """Whether this command or event, or another version of it, is in the switchboard."""
        return message.full_name() in self._routes

    def route_named(self, name: str) -> Route | None:
        """The subscriber of that name, or ``None`` when this version of the code has no such subscriber."""
        return self._by_name.get(name)

    def messages_for(self, subscriber: str) -> list[str]:
        """``Name@version`` of everything that subscriber gets."""
        return [name for name, routes in self._routes.items() if any(entry.name == subscriber for entry in routes)]

    def subscribed_names(self) -> list[str]:
        """Names of the messages that somebody of the house gets; taps are switched on and off, so what they lack is no loss."""
        taps = {tap.name for tap in self.taps}
        heard = {name for name, routes in self._routes.items() if any(entry.name not in taps for entry in routes)}
        return sorted({name.split("@")[0] for name in heard})

    def all_invariants(self) -> dict[str, Check]:
        """The mailbox's own invariants and everything the departments contribute, by what they are about."""
        return {"Mailbox": lambda: mail_violations(self.subscribed_names()), **self.invariants}

    def subscribers(self, queue: str) -> tuple[Route, ...]:
        """Every subscriber whose mail waits in ``queue``."""
        return tuple(entry for entry in self._by_name.values() if entry.queue == queue)

    def all_routes(self) -> tuple[Route, ...]:
        """Every subscriber there is."""
        return tuple(self._by_name.values())

    def answerer(self, query: type[Query]) -> Callable[[Any], Any]:
        """Who answers this query. Raises ``NotRouted``."""
        try:
            return self.queries[query]
        except KeyError:
            raise NotRouted(f"nobody answers {query.full_name()}: name its handler in the switchboard") from None


def _versions_of(message: type[Message]) -> tuple[type[Message], ...]:
    """Every version there is, the oldest first; a message that was never published is its own only one."""
    try:
        return versions(message.message_name())
    except UnknownMessage:
        return (message,)
