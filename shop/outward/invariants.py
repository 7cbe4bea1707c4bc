"""What must always be true of what outsiders are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.invariants import OLDEST_OPEN_MAIL, Violation
from shop.messaging.sets import fetch_rows

FORGOTTEN: Final = """
    SELECT id, event, extract(epoch FROM now() - next_at)::int FROM outward_webhooksending
    WHERE status = 'PENDING' AND next_at < now() - make_interval(secs => %s) ORDER BY id LIMIT 100
"""
WITHOUT_TRIES: Final = """
    SELECT id, event FROM outward_webhooksending s
    WHERE status = 'DELIVERED' AND NOT EXISTS (SELECT 1 FROM outward_webhookattempt a WHERE a.sending_id = s.id) LIMIT 100
"""


def check() -> Iterator[Violation]:
    """Every webhook that waits is tried when it is due, and none is called delivered without a try on record."""
    for sending_id, event, age in fetch_rows(FORGOTTEN, [2 * OLDEST_OPEN_MAIL]):
        yield Violation("a webhook is tried when it is due", str(sending_id), f"{event} is due since {age} s")
    for sending_id, event in fetch_rows(WITHOUT_TRIES):
        yield Violation("a delivered webhook was tried", str(sending_id), f"{event} has no try on record")
