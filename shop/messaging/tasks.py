"""The only Celery task there is: come to the door and empty this queue."""

from __future__ import annotations

from celery import current_app, shared_task
from django.db import close_old_connections

from shop.messaging.context import acting
from shop.messaging.delivery import drain as drains
from shop.messaging.heartbeat import beat_worker


@shared_task(name="shop.messaging.drain", ignore_result=True)
def drain(queue: str) -> None:
    """Drain ``queue`` and go on with whatever this worker serves too. If the database is gone, the sweeper rings again."""
    with acting("system"):
        close_old_connections()
        beat_worker(queue)
        drains.drain(queue, follow=frozenset(current_app.amqp.queues.consume_from))
