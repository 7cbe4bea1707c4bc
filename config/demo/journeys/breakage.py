"""Processes and servers that die in the middle."""

from __future__ import annotations

import time
from typing import Final

import redis
from django.conf import settings

from config.demo import books
from config.demo.journeys.journey import Journey, Look
from config.demo.stage import Stage

KILLED: Final = 40
FLUSHED: Final = 60
# A price of its own, by which the sandbox knows whose requests to slow down.
SLOW_PRICE: Final = 18_307
SLOW_SECONDS: Final = 1.5


def worker_killed(stage: Stage) -> Look:
    """kill -9 of every worker process while they wait for the provider; then others take over."""
    product = stage.product("Brass telescope", price=SLOW_PRICE, stock=KILLED)
    baskets = stage.baskets(stage.some(KILLED), lambda: [(product, 1)])
    slow = stage.control.add_fault("slow", operation="create", match={"amount": SLOW_PRICE}, seconds=SLOW_SECONDS)
    posted = stage.check_out(baskets)
    sessions = [each.session for each in posted]
    stage.until(lambda: books.at_the_provider(sessions) > 0, 10)
    stage.kill_workers()
    caught = books.at_the_provider(sessions)
    stage.control.clear_faults(slow)
    stage.tell(f"killed with {caught} payments at the provider; new workers start")
    stage.start_workers()
    return lambda: stage.observe(posted, lambda: {"killed": "in mid-saga" if caught else "too late"})


def redis_flushed(stage: Stage) -> Look:
    """Everything that Redis knows is gone, several times, while checkouts are on their way."""
    baskets = stage.baskets(stage.some(FLUSHED), stage.ordinary)
    posting = stage.hands.submit(lambda: [stage.door.check_out(basket) for basket in baskets])
    flushes = 0
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        while not posting.done():
            server.flushdb()
            flushes += 1
            time.sleep(0.1)
    posted = posting.result()
    return lambda: stage.observe(posted, lambda: {"Redis flushed": "in mid-run" if flushes > 1 else "too late"})


JOURNEYS: Final = (
    Journey(
        name="all workers killed with -9 in mid-saga",
        expected={"awaiting fulfilment": KILLED, "charged once": KILLED, "killed": "in mid-saga"},
        orders=KILLED,
        play=worker_killed,
        settles_within=60.0,
    ),
    Journey(
        name="Redis flushed in mid-run",
        expected={"awaiting fulfilment": FLUSHED, "charged once": FLUSHED, "Redis flushed": "in mid-run"},
        orders=FLUSHED,
        play=redis_flushed,
    ),
)
