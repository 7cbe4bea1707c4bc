"""Ratings in Redis: a hash per product, for readers. A copy of ``RatingSummary`` that may be lost or behind, never ahead."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final
from uuid import UUID

import redis
import structlog
from django.conf import settings

from shop.messaging.doorbell import NO_RETRY, Breaker

log = structlog.get_logger(__name__)

# Only ever forward, so that a slow writer cannot put back what a later one has said; ARGV[1] mistrusts what is there.
PUT: Final = """
    local known = redis.call('HGET', KEYS[1], 'version')
    if ARGV[1] == '0' and known and tonumber(known) >= tonumber(ARGV[2]) then return 0 end
    redis.call('HSET', KEYS[1], 'version', ARGV[2], 'count', ARGV[3], 'sum', ARGV[4])
    return 1
"""

breaker = Breaker()


@dataclass(frozen=True, slots=True)
class Rating:
    """How many published reviews, and the sum of their stars."""

    count: int
    sum: int

    @property
    def average(self) -> float | None:
        """Stars from 1 to 5 with two decimals; ``None`` without a review."""
        return round(self.sum / self.count, 2) if self.count else None


@dataclass(frozen=True, slots=True)
class Entry:
    """One product's rating in a version. ``force``: whatever Redis has is to be overwritten."""

    product_id: UUID
    version: int
    rating: Rating
    force: bool = False


@cache
def _client(address: str, patience: float) -> redis.Redis:
    return redis.Redis.from_url(
        address, socket_timeout=patience, socket_connect_timeout=patience, retry=NO_RETRY, decode_responses=True
    )


def client() -> redis.Redis:
    """Redis with short time-outs and no retries."""
    return _client(settings.REDIS_URL, settings.RATING_CACHE_TIMEOUT_SECONDS)


def key_of(product_id: UUID) -> str:
    """The hash of one product."""
    return f"rating:{product_id}"


def read(product_id: UUID) -> Rating | None:
    """What Redis says; ``None`` when it says nothing, or nothing that makes sense, or is not there."""
    if breaker.open:
        return None
    try:
        count, total = client().hmget(key_of(product_id), "count", "sum")
        return Rating(int(count), int(total)) if count is not None and total is not None else None
    except (redis.RedisError, OSError, ValueError) as failure:
        _rest(failure)
        return None


def put(entries: list[Entry]) -> bool:
    """Write these, each only if it is newer than what is there. Whether Redis took them."""
    if breaker.open:
        return False
    try:
        with client().pipeline(transaction=False) as pipe:
            for one in entries:
                figures = (int(one.force), one.version, one.rating.count, one.rating.sum)
                pipe.eval(PUT, 1, key_of(one.product_id), *figures)
            pipe.execute()
    except (redis.RedisError, OSError) as failure:
        _rest(failure)
        return False
    return True


def _rest(failure: Exception) -> None:
    breaker.trip()
    log.warning("rating_cache_unavailable", error=str(failure))
