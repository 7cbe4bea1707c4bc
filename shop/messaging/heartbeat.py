"""Signs of life. The sweeper calls the roll: it rings every queue, and whoever serves it says so in Postgres. A worker that
hangs, or that Redis does not reach, falls silent there, whatever its process looks like from outside."""

from __future__ import annotations

import os
import socket
import time

from shop.messaging.doorbell import ring
from shop.messaging.routing import switchboard
from shop.messaging.sets import run
from shop.messaging.turns import take_turn

SWEEPER = "sweeper"
ROLL_CALL = "roll call"
ROLL_CALL_SECONDS = 15
QUIET_SECONDS = 10.0  # a busy worker need not say more often that it is alive
FORGET_AFTER_DAYS = 1

BEAT = """
    INSERT INTO messaging_heartbeat (process, role, beat_at, detail) VALUES (%s, %s, now(), '{}')
    ON CONFLICT (process) DO UPDATE SET beat_at = now()
"""
FORGET = "DELETE FROM messaging_heartbeat WHERE beat_at < now() - make_interval(days => %s)"

_said: dict[str, float] = {}


def worker_role(queue: str) -> str:
    """What a worker of this queue is called among the signs of life."""
    return f"worker {queue}"


def sweeper_name() -> str:
    """What this sweeper is called among the signs of life."""
    return f"{SWEEPER}@{socket.gethostname()}:{os.getpid()}"


def beat_worker(queue: str) -> None:
    """Somebody serves this queue; said at most every ten seconds by one process."""
    now = time.monotonic()
    if now - _said.get(queue, -QUIET_SECONDS) >= QUIET_SECONDS:
        _said[queue] = now
        run(BEAT, [worker_role(queue), worker_role(queue)])


def call_the_roll() -> bool:
    """Ring every queue if the last roll call is long enough ago, and forget processes that are long gone."""
    if not take_turn(ROLL_CALL, ROLL_CALL_SECONDS):
        return False
    run(FORGET, [FORGET_AFTER_DAYS])
    return ring({route.queue for route in switchboard().all_routes()})
