"""Redis goes away while a worker is at what it was rung for: the worker lets go of the connection and lives on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from kombu import Connection, Queue

from config.embedded.private import PrivateValkey
from shop.messaging.tasks import drain


@pytest.fixture
def valkey(tmp_path: Path) -> Any:
    with PrivateValkey(tmp_path) as server:
        yield server


def heard(valkey: PrivateValkey) -> tuple[Connection, Any]:
    """A connection as a worker has it, and a ring that has come over it and is not answered."""
    connection = Connection(valkey.url(), transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS)
    queue = Queue("heard", routing_key="heard")(connection.default_channel)
    queue.declare()
    current_app.send_task(drain.name, args=["shopping"], queue="heard", connection=connection)
    return connection, queue.get(no_ack=False)


def test_a_connection_with_an_unanswered_ring_is_closed_without_its_redis(valkey: PrivateValkey) -> None:
    connection, ring = heard(valkey)
    valkey.kill()
    connection.collect(socket_timeout=0.5)  # what Celery does when it notices
    connection.close()
    ring.ack()


def test_of_a_ring_nothing_is_left_in_redis(valkey: PrivateValkey) -> None:
    connection, ring = heard(valkey)
    channel: Any = connection.default_channel
    assert not {key for key in channel.client.keys("*") if b"unacked" in key}
    ring.ack()
    connection.close()
