"""The Celery app. Its messages only say "queue X has mail"; the mail itself is in Postgres."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init
from django.conf import settings
from kombu.transport.redis import Channel

from config.liveness import SignOfLife
from config.logs import configure_logging
from config.settled import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")

# When Redis goes away, Celery closes the channel, and kombu then puts back what was taken from it, over a connection that is no
# more. With Celery 5.7 a worker at work ended over that. Mail is in Postgres and is rung for again: there is nothing to put back.
Channel.do_restore = False

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(SignOfLife)


@setup_logging.connect
def use_the_logging_of_the_settings(**_: Any) -> None:
    """Having a receiver at all keeps Celery from installing handlers of its own."""
    configure_logging(settings.LOG_FORMAT, settings.LOG_LEVEL)


@worker_init.connect
def settle_before_there_are_children(**_: Any) -> None:
    """What is loaded now, the processes of the pool share."""
    settle()
