"""The peers' processes: our servers and connection settings, nothing of the product installed, and Celery tuned for chains."""

from kombu.entity import Queue

from config.settings.development import *  # noqa: F403
from config.settings.development import CELERY_BROKER_TRANSPORT_OPTIONS, DATABASES

QUEUE = "peer"

INSTALLED_APPS = []
SWITCHBOARD = ""
MIDDLEWARE = []
TEMPLATES = []
ROOT_URLCONF = "config.bench.peers.urls"
DEBUG = False
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False  # one question less per request

CELERY_TASK_QUEUES = (Queue(QUEUE, routing_key=QUEUE),)
CELERY_TASK_DEFAULT_QUEUE = QUEUE
CELERY_IMPORTS = ("config.bench.peers.tasks",)
# A chain whose task is lost stands still for good, for nobody rings again: it is kept in Redis until it is acknowledged.
CELERY_BROKER_TRANSPORT_OPTIONS["ack_emulation"] = True
# Acknowledged before it runs, and fetched ahead: faster, and what gets lost with a worker is not a peer's concern.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT = 0  # none
# Without this Celery opens a new database connection for every task: a third of the speed.
CELERY_DB_REUSE_MAX = 1_000_000
