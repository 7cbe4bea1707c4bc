"""Celery as a doorbell: it may lose a message, it may never hang.

The socket timeouts are what ends a half-open connection; without them a worker waits on it for good and says nothing.
"""

from typing import Any

from kombu.entity import Queue

# One queue per department, one for the providers we wait for, and one for partners, however slow, that are told something.
QUEUES = ("shopping", "ordering", "fulfilment", "payments", "catalog", "reviews", "gateways", "outward")

CELERY_TASK_QUEUES = tuple(Queue(name, routing_key=name) for name in QUEUES)
CELERY_TASK_DEFAULT_QUEUE = "shopping"
CELERY_IMPORTS = ("shop.messaging.tasks",)

CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SOFT_TIME_LIMIT = 180
CELERY_TASK_TIME_LIMIT = 240
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SEND_TASK_EVENTS = False

CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CHANNEL_ERROR_RETRY = True  # an error that Redis answers is no reason to end a worker either
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "health_check_interval": 5,
    # A ring that a worker took and did not answer is not kept in Redis, for nobody waits for it: the sweeper rings again.
    "ack_emulation": False,
}

# Celery closes Django's database connections around every task and ignores CONN_MAX_AGE unless told how often to.
CELERY_DB_REUSE_MAX = 10_000
