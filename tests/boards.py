"""A switchboard of a test's own, in force while the test runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.test import override_settings

from shop.messaging.routing import switchboard
from shop.messaging.switchboard import Switchboard

CURRENT: Switchboard | None = None


@contextmanager
def using(board: Switchboard) -> Iterator[Switchboard]:
    """Every message inside is answered by ``board``."""
    global CURRENT  # noqa: PLW0603 — what the dotted path in the settings finds
    CURRENT = board
    try:
        with override_settings(SWITCHBOARD="tests.boards.CURRENT"):
            switchboard.cache_clear()
            yield board
    finally:
        switchboard.cache_clear()
        CURRENT = None
