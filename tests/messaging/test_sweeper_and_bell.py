"""Losing the bell costs latency, never work."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from shop.contracts.fulfilment.inventory import ExpireReservations, ReleaseInventory
from shop.messaging import doorbell
from shop.messaging.bus import send, unit_of_work
from shop.messaging.delivery.drain import drain
from shop.messaging.models import Delivery, Heartbeat, Message
from shop.messaging.sweeper import send_if_due, sweep_once
from shop.messaging.switchboard import Every, Switchboard
from tests.boards import using
from tests.messaging.tools import run_threads, send_releases, statuses

pytestmark = pytest.mark.django_db(transaction=True)


def release_inventory(command: ReleaseInventory) -> None:
    """Does nothing, successfully."""


def expire_reservations(command: ExpireReservations) -> None:
    """Does nothing, successfully."""


BOARD = Switchboard(
    commands={ReleaseInventory: release_inventory, ExpireReservations: expire_reservations}, events={}, queries={}
)


@pytest.fixture
def client():
    with redis.Redis.from_url(settings.REDIS_URL) as connected:
        connected.flushdb()
        yield connected
        connected.flushdb()


@pytest.fixture
def nowhere(monkeypatch):
    """A Redis that refuses every connection."""
    dead = redis.Redis(host="127.0.0.1", port=9, socket_timeout=0.2, socket_connect_timeout=0.2, retry=doorbell.NO_RETRY)
    monkeypatch.setattr(doorbell, "_bell", lambda: dead)
    monkeypatch.setattr(doorbell.breaker, "rest", 0.0)


def home() -> str:
    return Delivery.objects.values_list("queue", flat=True).first() or ""


def test_rings_are_coalesced_until_somebody_answers(client):
    with using(BOARD):
        for _ in range(5):
            send_releases(1)
        queue = home()
        assert client.llen(queue) == 1
        doorbell.answer(queue)
        send_releases(1)
        assert client.llen(queue) == 2


def test_a_dead_redis_neither_fails_nor_delays_the_sender(nowhere):
    with using(BOARD):
        send_releases(3)
        assert statuses() == {"open": 3}


def test_the_breaker_stops_trying_for_a_while(monkeypatch):
    asked = []

    class Refusing:
        def set(self, *args, **kwargs):
            asked.append(args)
            raise redis.ConnectionError

    monkeypatch.setattr(doorbell, "_bell", Refusing)
    assert doorbell.ring(["ordering"]) is False
    assert doorbell.ring(["ordering", "payments"]) is False
    assert len(asked) == 1


def test_the_sweeper_rings_for_mail_whose_bell_was_lost(client):
    with using(BOARD):
        send_releases(2)
        queue = home()
        client.flushdb()
        assert sweep_once(grace=0.0) == [queue]
        assert client.llen(queue) == 1
        assert Heartbeat.objects.filter(role="sweeper").exists()


def test_without_redis_the_sweeper_carries_the_mail_itself(nowhere):
    with using(BOARD):
        send_releases(120)
        sweep_once(grace=0.0)
        assert statuses() == {"done": 120}


def test_a_delayed_message_is_not_delivered_early(nowhere):
    with using(BOARD):
        with unit_of_work():
            send(release(), due_at=later(60))
        sweep_once(grace=0.0)
        assert statuses() == {"open": 1}
        Delivery.objects.update(due_at=later(-1))
        sweep_once(grace=0.0)
        assert statuses() == {"done": 1}


def test_a_lease_that_ran_out_is_given_back(nowhere):
    with using(BOARD):
        send_releases(1)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE messaging_delivery SET status = 'leased', lease = gen_random_uuid(), leased_until = now() - interval '1s'"
            )
        sweep_once(grace=0.0)
        assert statuses() == {"done": 1}


def test_the_timetable_sends_once_per_period_however_many_sweepers_run(client):
    entry = Every(60, ExpireReservations())
    with using(BOARD):
        run_threads(8, lambda: send_if_due(entry))
        assert Message.objects.filter(name="ExpireReservations").count() == 1


def release() -> ReleaseInventory:
    return ReleaseInventory(reservation_id=uuid4())


def later(seconds: int):
    return timezone.now() + timedelta(seconds=seconds)


def test_a_full_queue_is_drained_by_two_at_once_without_repeats(client):
    with using(BOARD):
        send_releases(300)
        queue = home()
        counts: list[int] = []
        lock = threading.Lock()

        def work() -> None:
            done = drain(queue)
            with lock:
                counts.append(done)

        run_threads(2, work)
        assert sum(counts) == 300
        assert statuses() == {"done": 300}
