"""Subscribers and where their mail waits, and the one switchboard that the settings name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

from shop.messaging.handlers import DEFAULT_BATCH, Handler, Outside, handler_name

if TYPE_CHECKING:
    from shop.messaging.switchboard import Switchboard


@dataclass(frozen=True, slots=True)
class Route:
    """One subscriber: its name, the queue its mail waits in, and how it wants it."""

    name: str
    queue: str
    handler: Handler
    ordered: bool = False

    @property
    def batch_size(self) -> int:
        """How many messages one transaction takes at most; plain handlers are adapted to ``DEFAULT_BATCH``."""
        size: int = getattr(self.handler, "batch_size", DEFAULT_BATCH)
        return size

    @property
    def set_based(self) -> bool:
        """Whether the handler itself takes the whole batch."""
        return hasattr(self.handler, "batch_size")


def route(handler: Handler, *, queue: str | None = None, ordered: bool = False) -> Route:
    """A subscriber for ``handler``. Its queue is its department's, or ``gateways`` if it leaves the process."""
    name = handler_name(handler)
    return Route(name=name, queue=queue or _home_queue(name, handler), handler=handler, ordered=ordered)


def ordered(handler: Handler, *, queue: str | None = None) -> Route:
    """A subscriber that never gets a message while an earlier one of the same key is open or dead."""
    return route(handler, queue=queue, ordered=True)


def _home_queue(name: str, handler: Handler) -> str:
    if isinstance(handler, Outside):
        return "gateways"
    department = name.split(".", 1)[0]
    return "shopping" if department == "shop" else department


@cache
def switchboard() -> Switchboard:
    """The switchboard that ``settings.SWITCHBOARD`` names. Raises ``ImportError`` when it names nothing."""
    board: Switchboard = import_string(settings.SWITCHBOARD)
    return board
