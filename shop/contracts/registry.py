"""Every published message, found by name and version. A class in one of ``MODULES`` is registered by being there."""

from collections import defaultdict
from types import ModuleType
from typing import Final

from shop.contracts import (
    accounts,
    categories,
    console,
    customers,
    feeds,
    messaging,
    moderation,
    outward,
    payments,
    personal_data,
    products,
    promotions,
    reviews,
    search,
    shopping,
    snapshots,
)
from shop.contracts.base import Message
from shop.contracts.fulfilment import adjusting, decisions, inventory, shipping, warehouse
from shop.contracts.ordering import amending, archiving, checkout, events, operating, orders

MODULES: Final[tuple[ModuleType, ...]] = (
    shopping,
    promotions,
    customers,
    accounts,
    personal_data,
    products,
    snapshots,
    categories,
    feeds,
    search,
    console,
    checkout,
    orders,
    events,
    amending,
    archiving,
    operating,
    payments,
    inventory,
    warehouse,
    shipping,
    adjusting,
    decisions,
    reviews,
    moderation,
    outward,
    messaging,
)


class UnknownMessage(LookupError):
    """No such name, or not in this version: a newer release sent it, or it was never published."""


def _messages_of(module: ModuleType) -> list[type[Message]]:
    return [
        member
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, Message) and member.__module__ == module.__name__
    ]


def _order(message: type[Message]) -> tuple[int, ...]:
    return tuple(int(part) for part in message.version.split("."))


def _by_name() -> dict[str, dict[str, type[Message]]]:
    found: dict[str, dict[str, type[Message]]] = defaultdict(dict)
    for message in ALL:
        if message.version in found[message.message_name()]:
            raise TypeError(f"{message.full_name()} is published twice")
        found[message.message_name()][message.version] = message
    return dict(found)


ALL: Final[tuple[type[Message], ...]] = tuple(message for module in MODULES for message in _messages_of(module))
_BY_NAME: Final = _by_name()


def versions(name: str) -> tuple[type[Message], ...]:
    """Every version of a message, the oldest first. Raises ``UnknownMessage``."""
    if name not in _BY_NAME:
        raise UnknownMessage(f"There is no message called {name}.")
    return tuple(sorted(_BY_NAME[name].values(), key=_order))


def latest(name: str) -> type[Message]:
    """The newest version of a message. Raises ``UnknownMessage``."""
    return versions(name)[-1]


def find(name: str, version: str) -> type[Message]:
    """One version of a message. Raises ``UnknownMessage``."""
    found = _BY_NAME.get(name, {}).get(version)
    if found is None:
        raise UnknownMessage(f"There is no message called {name} in version {version}.")
    return found
