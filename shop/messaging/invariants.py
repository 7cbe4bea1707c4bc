"""What must always be true. Each department contributes checks; ``check_invariants`` and the admin page run them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from shop.messaging.ages import first_id_of
from shop.messaging.sets import fetch_rows


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is not as it must be: which rule, which row (an id an operator can search for), and what is wrong."""

    rule: str
    subject: str
    detail: str


Check = Callable[[], Iterable[Violation]]

OLDEST_OPEN_MAIL = 300  # seconds after which an open, due delivery breaks the promise

WITHOUT_DELIVERY = f"""
    SELECT m.id, m.name FROM messaging_message m
    WHERE m.id > {first_id_of("now() - interval '2 days'")} AND m.name = ANY(%s)
      AND NOT EXISTS (SELECT 1 FROM messaging_delivery d WHERE d.message_id = m.id)
      AND NOT EXISTS (SELECT 1 FROM messaging_subscription s WHERE s.message_name = m.name AND s.since > m.created_at)
    LIMIT 100
"""
LATE = """
    SELECT d.id, d.subscriber, extract(epoch FROM now() - d.due_at)::int FROM messaging_delivery d
    WHERE d.status = 'open' AND d.due_at < now() - make_interval(secs => %s)
    ORDER BY d.due_at LIMIT 100
"""
LEASE_RAN_OUT = """
    SELECT d.id, d.subscriber FROM messaging_delivery d
    WHERE d.status = 'leased' AND d.leased_until < now() - make_interval(secs => %s)
    LIMIT 100
"""


def mail_violations(subscribed: Iterable[str]) -> Iterator[Violation]:
    """Invariant 3: every message has its deliveries, and none is both open and older than its budget.

    ``subscribed``: names of the messages that have at least one subscriber; said before they had one, they had nobody to go to.
    """
    for message_id, name in fetch_rows(WITHOUT_DELIVERY, [list(subscribed)]):
        yield Violation("every message has a delivery per subscriber", str(message_id), f"{name} was never addressed")
    for delivery_id, subscriber, age in fetch_rows(LATE, [OLDEST_OPEN_MAIL]):
        yield Violation("no mail is older than its budget", str(delivery_id), f"open for {subscriber} since {age} s")
    for delivery_id, subscriber in fetch_rows(LEASE_RAN_OUT, [OLDEST_OPEN_MAIL]):
        yield Violation("no lease outlives its worker", str(delivery_id), f"{subscriber} was never given back")


def run_all(checks: Mapping[str, Check]) -> list[Violation]:
    """Every violation that ``checks`` find, in their order."""
    return [violation for check in checks.values() for violation in check()]
