"""Redis Streams: one per owner. Entry ids are the database's, so appending twice is refused by Redis itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

ALREADY_THERE: Final = "equal or smaller"


class StreamAway(Exception):
    """Redis cannot be reached or does not take it. Nothing is lost: it is appended when it is back."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its id in the database, and its fields."""

    id: int
    fields: dict[str, str]


@cache
def _redis(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, decode_responses=True, socket_timeout=2, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )


def client() -> redis.Redis:
    """The server that has the streams: ``EVENT_STREAM_URL``, or the bell's."""
    return _redis(settings.EVENT_STREAM_URL or settings.REDIS_URL)


def stream_of(owner: str) -> str:
    """The key of an owner's stream."""
    return f"events.{owner}"


def newest_ids(owners: Sequence[str]) -> list[int]:
    """The id of the last entry ever appended to each stream; 0 for a stream that is not there. Raises ``StreamAway``."""
    try:
        pipe = client().pipeline(transaction=False)
        for owner in owners:
            pipe.xinfo_stream(stream_of(owner))
        return [_last_id(answer) for answer in pipe.execute(raise_on_error=False)]
    except (redis.RedisError, OSError) as failure:
        raise StreamAway(str(failure)) from failure


def append(owner: str, entries: Sequence[Entry]) -> None:
    """Append these, in their order; what is there already is passed over. Raises ``StreamAway``."""
    try:
        pipe = client().pipeline(transaction=False)
        for entry in entries:
            fields: dict[Any, Any] = dict(entry.fields)
            pipe.xadd(stream_of(owner), fields, id=f"{entry.id}-0", maxlen=settings.EVENT_STREAM_LENGTH, approximate=True)
        answers = pipe.execute(raise_on_error=False)
    except (redis.RedisError, OSError) as failure:
        raise StreamAway(str(failure)) from failure
    for answer in answers:
        if isinstance(answer, Exception) and ALREADY_THERE not in str(answer):
            raise StreamAway(str(answer))


def _last_id(answer: object) -> int:
    if isinstance(answer, redis.ResponseError) and "no such key" in str(answer):
        return 0
    if isinstance(answer, Exception):
        raise StreamAway(str(answer))
    assert isinstance(answer, dict)
    return int(str(answer["last-generated-id"]).partition("-")[0])
