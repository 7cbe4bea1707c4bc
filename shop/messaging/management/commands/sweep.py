from __future__ import annotations

import signal
import threading
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseError

from shop.messaging.sweeper import sweep_once

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Keeps mail, sagas and recurring duties moving, whatever happens to Redis. Run one or more; they do not collide."""

    help = "Ring for due mail, give back lost leases, act on saga deadlines, send what the timetable says."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then exit")
        parser.add_argument("--every", type=float, default=1.0, help="seconds between rounds (default 1)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            queues = sweep_once(grace=0.0)
            self.stdout.write(f"rang for {', '.join(queues)}" if queues else "no mail is waiting")
            return
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        while not stop.is_set():
            try:
                sweep_once()
            except DatabaseError as error:
                log.warning("database_unavailable", error=str(error))
            except Exception:
                log.exception("sweep_failed")
            stop.wait(options["every"])
