"""The doorbell: tells a queue that it has mail. Best effort by design; what it drops, the sweeper notices."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

import redis
import structlog
from celery import current_app
from django.conf import settings
from kombu import Connection
from kombu.exceptions import KombuError
from kombu.pools import producers
from redis.backoff import NoBackoff
from redis.retry import Retry

from shop.messaging.routing import Route

log = structlog.get_logger(__name__)

RING_TIMEOUT = 0.2  # seconds a ring may take
BREAKER_REST = 5.0  # seconds without trying after a ring failed
COALESCE_FOR = 3  # seconds after which a bell that nobody answered may ring again: its task may have died with a worker

NO_RETRY = Retry(NoBackoff(), 0)  # redis-py's own default retries for seconds

_heard: ContextVar[set[Route] | None] = ContextVar("heard", default=None)


class Breaker:
    """Stops ringing for a while after a ring failed, so that a dead Redis costs one time-out and not one per request."""

    def __init__(self, rest: float = BREAKER_REST) -> None:
        self.rest = rest
        self.closed_until = 0.0

    @property
    def open(self) -> bool:
        """Whether ringing is useless just now."""
        return time.monotonic() < self.closed_until

    def trip(self) -> None:
        """Ringing failed: leave it alone for a while."""
        self.closed_until = time.monotonic() + self.rest


breaker = Breaker()


@cache
def _bell() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=RING_TIMEOUT, socket_connect_timeout=RING_TIMEOUT, retry=NO_RETRY
    )


@cache
def _line() -> Connection:
    """The way to Celery's queues with the bell's own short time-outs: a hung Redis must not hold up a request."""
    short = {"socket_timeout": RING_TIMEOUT, "socket_connect_timeout": RING_TIMEOUT, "max_retries": 0}
    return Connection(settings.REDIS_URL, transport_options={**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **short})


def announce(routes: Collection[Route]) -> None:
    """These subscribers have mail: ring for their queues.

    Inside ``listening()`` nothing leaves the process: the worker that is already draining goes on with them itself.
    """
    heard = _heard.get()
    if heard is None:
        ring({route.queue for route in routes})
    else:
        heard.update(routes)


def ring(queues: Iterable[str]) -> bool:
    """Say that these queues have mail; one Celery task per queue, coalesced. False when Redis did not take it."""
    took = [_ring(queue) for queue in queues]
    return all(took)


def _ring(queue: str) -> bool:
    if breaker.open:
        return False
    try:
        if _bell().set(bell_key(queue), "1", nx=True, ex=COALESCE_FOR):
            with producers[_line()].acquire(block=True, timeout=RING_TIMEOUT) as producer:
                current_app.send_task("shop.messaging.drain", args=[queue], queue=queue, retry=False, producer=producer)
    except (redis.RedisError, KombuError, OSError) as failure:
        breaker.trip()
        log.warning("bell_not_rung", queue=queue, error=str(failure))
        return False
    return True


def answer(queue: str) -> None:
    """Somebody came to the door: the next mail may ring again. Called as a drain starts, before it looks for mail."""
    if breaker.open:
        return
    try:
        _bell().delete(bell_key(queue))
    except (redis.RedisError, OSError):
        breaker.trip()


def bell_key(queue: str) -> str:
    """The Redis key that is set while a ring of this queue waits to be answered."""
    return f"bell:{queue}"


@contextmanager
def listening() -> Iterator[set[Route]]:
    """Collect the subscribers announced inside instead of ringing for them."""
    heard: set[Route] = set()
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)
