"""The chain's Celery app; ``celery --app=config.bench.peers.app`` with the peers' settings is its worker."""

from __future__ import annotations

from celery import Celery

QUEUE = "peer"

# Not the current app: whoever publishes chains may also have the product's own app in the same process.
app = Celery("peer", set_as_current=False)
app.config_from_object("django.conf:settings", namespace="CELERY")
