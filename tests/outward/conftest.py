from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.test import override_settings

from config.switchboard import SWITCHBOARD
from shop.messaging.doorbell import breaker
from shop.messaging.routing import ordered, route
from shop.messaging.switchboard import Switchboard
from shop.outward import handlers as outward
from tests.boards import using
from tests.outward.receiver import Partner, partner


@pytest.fixture(autouse=True)
def _forget_the_breaker() -> None:
    breaker.closed_until = 0.0


@pytest.fixture
def outsiders() -> Iterator[Switchboard]:
    """The whole shop, as it is with EVENT_STREAM and PARTNER_WEBHOOKS on."""
    board = Switchboard(
        commands=SWITCHBOARD.commands,
        events=SWITCHBOARD.events,
        queries=SWITCHBOARD.queries,
        sagas=SWITCHBOARD.sagas,
        later=SWITCHBOARD.later,
        taps=(
            ordered(outward.note_event_for_stream_when_it_happened, queue="outward"),
            route(outward.collect_webhooks_when_event_happened, queue="outward"),
        ),
    )
    local = ["127.0.0.0/8"]
    with using(board), override_settings(EVENT_STREAM=True, PARTNER_WEBHOOKS=True, WEBHOOK_ALLOWED_NETWORKS=local):
        yield board


@pytest.fixture
def listener() -> Iterator[Partner]:
    """A partner who is there."""
    with partner() as told:
        yield told


@pytest.fixture
def stream() -> Iterator[redis.Redis]:
    """The streams' Redis, without streams before and after."""
    with redis.Redis.from_url(settings.REDIS_URL, decode_responses=True) as client:
        forget_streams(client)
        yield client
        forget_streams(client)


def forget_streams(client: redis.Redis) -> None:
    """As after a Redis that lost everything."""
    for key in client.scan_iter("events.*"):
        client.delete(key)
