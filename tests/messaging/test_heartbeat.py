"""Who serves which queue can be read in Postgres, and who is dead cannot hide."""

import pytest
import redis
from django.conf import settings
from django.db import connection

from shop.contracts.fulfilment.inventory import ReleaseInventory
from shop.messaging import heartbeat
from shop.messaging.heartbeat import beat_worker, call_the_roll
from shop.messaging.models import Heartbeat
from shop.messaging.switchboard import Switchboard, route
from shop.messaging.tasks import drain
from tests.boards import using

pytestmark = pytest.mark.django_db(transaction=True)


def release_inventory(command: ReleaseInventory) -> None:
    """Does nothing, successfully."""


BOARD = Switchboard(commands={ReleaseInventory: route(release_inventory, queue="fulfilment")}, events={}, queries={})


@pytest.fixture(autouse=True)
def _nobody_has_spoken(monkeypatch):
    monkeypatch.setattr(heartbeat, "_said", {})
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()


def long_ago() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_heartbeat SET beat_at = beat_at - interval '2 days'")
        cursor.execute("UPDATE messaging_timetableentry SET last_sent_at = last_sent_at - interval '2 days'")


def test_a_worker_that_answers_its_bell_is_seen():
    with using(BOARD):
        drain("fulfilment")
        assert list(Heartbeat.objects.values_list("role", flat=True)) == ["worker fulfilment"]


def test_a_busy_worker_says_so_once_in_a_while():
    beat_worker("fulfilment")
    long_ago()
    before = Heartbeat.objects.get().beat_at
    beat_worker("fulfilment")
    assert Heartbeat.objects.get().beat_at == before


def test_the_roll_is_called_once_per_period_and_rings_every_queue():
    with using(BOARD), redis.Redis.from_url(settings.REDIS_URL) as client:
        assert call_the_roll()
        assert not call_the_roll()
        assert client.llen("fulfilment") == 1


def test_processes_that_are_long_gone_are_forgotten():
    with using(BOARD):
        beat_worker("fulfilment")
        call_the_roll()
        long_ago()
        call_the_roll()
        assert not Heartbeat.objects.exists()
