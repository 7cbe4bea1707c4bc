"""Who stands behind what: the served messages, the system each belongs to, the team that owns a system."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache

from config.catalogue.design import Design, design
from config.catalogue.places import System, system_of
from shop.contracts.base import Event, Message
from shop.contracts.registry import ALL, latest
from shop.messaging.routing import switchboard

STREAM_PREFIX = "events."


def served() -> list[type[Message]]:
    """Every published message that somebody sends, handles or answers now, by name, the older versions first."""
    later = set(switchboard().later)
    found = [message for message in ALL if message not in later]
    return sorted(found, key=lambda message: (message.message_name(), [int(part) for part in message.version.split(".")]))


def stream_of(owner: str) -> str:
    """The stream that outsiders read this owner's events from."""
    return f"{STREAM_PREFIX}{owner}"


def home_of(message: type[Message]) -> System:
    """The system a message belongs to: who handles a command, answers a query, or states a fact."""
    known = design()
    newest = latest(message.message_name())
    if issubclass(message, Event):
        producers = known.producers(newest) or known.producers(message)
        own = [name for name in producers if _owned_by(known, name) == message.owner]
        names: Iterable[str] = own or producers
    else:
        names = known.consumers.get(newest, ()) or known.consumers.get(message, ())
    return next((system_of(name) for name in names), system_of("shop.messaging"))


def systems() -> tuple[System, ...]:
    """Every system with a handler, a query or a saga, by package."""
    known = design()
    names = {name for found in known.consumers.values() for name in found} | {edge.through for edge in known.edges}
    return tuple(sorted({system_of(name) for name in names}, key=lambda system: system.package))


def owner_of(system: System) -> str:
    """The team most of whose commands and queries this system handles; for one without any, its neighbours' team."""
    owners = _owners(design())
    if system.package in owners:
        return owners[system.package]
    neighbours = Counter(owner for package, owner in owners.items() if system_of(package).domain == system.domain)
    return min(neighbours, key=lambda owner: (-neighbours[owner], owner)) if neighbours else "messaging-platform"


def _owned_by(known: Design, handler: str) -> str:
    return _owners(known).get(system_of(handler).package, "")


@cache
def _owners(known: Design) -> dict[str, str]:
    found: dict[str, Counter[str]] = {}
    for message, names in known.consumers.items():
        if not issubclass(message, Event):
            for name in names:
                found.setdefault(system_of(name).package, Counter())[message.owner] += 1
    return {package: min(owners, key=lambda owner: (-owners[owner], owner)) for package, owners in found.items()}
