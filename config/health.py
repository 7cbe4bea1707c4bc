"""Whether everything is alive: how long ago each process said so, and the oldest open mail of each queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shop.console.formats import span
from shop.messaging.heartbeat import SWEEPER, worker_role
from shop.messaging.routing import switchboard
from shop.messaging.sets import fetch_rows

HEARTBEATS: Final = """
    SELECT role, max(beat_at), extract(epoch FROM now() - max(beat_at))::float8 FROM messaging_heartbeat GROUP BY role
"""
OLDEST: Final = """
    SELECT subscriber, count(*), min(due_at), extract(epoch FROM now() - min(due_at))::float8
    FROM messaging_delivery WHERE status = 'open' GROUP BY subscriber
"""
SILENT_AFTER: Final = 60.0  # seconds; the roll of the workers is called every 15
LATE_AFTER: Final = 60.0


@dataclass(frozen=True, slots=True)
class Beat:
    """One role and when it was last alive."""

    role: str
    at: datetime | None
    tone: str
    sentence: str


@dataclass(frozen=True, slots=True)
class QueueMail:
    """One queue: how much is open and how long the oldest has been due."""

    queue: str
    count: int
    tone: str
    age: str


def heartbeats() -> list[Beat]:
    """Every role that ever beat, and those that must. Silent ones first."""
    found = {role: (at, age) for role, at, age in fetch_rows(HEARTBEATS)}
    expected = [SWEEPER, *(worker_role(queue) for queue in sorted({route.queue for route in switchboard().all_routes()}))]
    beats = [_beat(role, *found.get(role, (None, None))) for role in dict.fromkeys([*expected, *sorted(found)])]
    return sorted(beats, key=lambda beat: beat.tone == "good")


def _beat(role: str, at: datetime | None, age: float | None) -> Beat:
    if age is None:
        return Beat(role, at, "bad", "was never seen")
    if age > SILENT_AFTER:
        return Beat(role, at, "bad", f"silent for {span(age)}")
    return Beat(role, at, "good", f"alive {span(age)} ago")


def mail_by_queue() -> list[QueueMail]:
    """Every queue of this version, the latest first."""
    queues = {route.name: route.queue for route in switchboard().all_routes()}
    count = dict.fromkeys(queues.values(), 0)
    age = dict.fromkeys(queues.values(), 0.0)
    for subscriber, waiting, _, seconds in fetch_rows(OLDEST):
        queue = queues.get(subscriber, "unknown")
        count[queue] = count.get(queue, 0) + waiting
        age[queue] = max(age.get(queue, 0.0), seconds)
    rows = [
        QueueMail(queue, count[queue], _tone(age[queue]), span(age[queue]) if age[queue] > 0 else "nothing due")
        for queue in count
    ]
    return sorted(rows, key=lambda row: (-age[row.queue], row.queue))


def _tone(age: float) -> str:
    return "bad" if age > LATE_AFTER else "good"
