"""A Redis that takes connections and never answers: sending goes on without it, and the sweeper carries the mail."""

import threading
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from config.embedded.private import PrivateValkey
from shop.contracts.fulfilment.inventory import ReleaseInventory
from shop.messaging import doorbell
from shop.messaging.delivery.drain import drain
from shop.messaging.sweeper import sweep_once
from shop.messaging.switchboard import Switchboard, route
from tests.boards import using
from tests.messaging.tools import run_threads, send_releases, statuses

pytestmark = pytest.mark.django_db(transaction=True)


def release_inventory(command: ReleaseInventory) -> None:
    """Does nothing, successfully."""


BOARD = Switchboard(commands={ReleaseInventory: route(release_inventory, queue="ordering")}, events={}, queries={})


@pytest.fixture
def valkey(tmp_path, monkeypatch) -> Iterator[PrivateValkey]:
    """A Redis of this test's own, which the bell hangs on."""
    with PrivateValkey(tmp_path) as server:
        monkeypatch.setattr(settings, "REDIS_URL", server.url())
        forget_connections()
        yield server
        server.resume()
    forget_connections()


def forget_connections() -> None:
    doorbell._bell.cache_clear()
    doorbell._line.cache_clear()
    doorbell.breaker.closed_until = 0.0


def rung(server: PrivateValkey) -> int:
    with redis.Redis.from_url(server.url()) as client:
        return client.llen("ordering")


def test_what_is_sent_while_redis_hangs_is_committed_before_redis_comes_back(valkey):
    with using(BOARD):
        send_releases(1)
        assert rung(valkey) == 1
        valkey.pause()
        sender = threading.Thread(target=run_threads, args=(4, lambda: send_releases(1)))
        sender.start()
        sender.join(30)
        assert not sender.is_alive(), "the senders wait for a Redis that hangs"
        assert statuses() == {"open": 5}
        assert doorbell.breaker.open
        sweep_once(grace=0.0)
        assert statuses() == {"done": 5}


def test_once_redis_is_back_the_bell_rings_again(valkey):
    with using(BOARD):
        valkey.pause()
        send_releases(1)
        assert doorbell.breaker.open
        valkey.resume()
        doorbell.breaker.closed_until = 0.0
        doorbell.answer("ordering")
        send_releases(1)
        assert rung(valkey) == 1


def test_each_ring_is_answered_before_mail_is_looked_for(valkey, monkeypatch):
    """Otherwise mail that commits in between would find the bell still ringing, and nobody would come for it."""
    order: list[str] = []

    def look(queue: str) -> list:
        order.append("looked")
        return []

    monkeypatch.setattr("shop.messaging.delivery.drain.answer", lambda queue: order.append("answered"))
    monkeypatch.setattr("shop.messaging.delivery.drain.routes_with_mail", look)
    with using(BOARD):
        drain("ordering")
    assert order == ["answered", "looked"]
