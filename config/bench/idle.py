"""What a quiet stack costs: nobody buys, and every process merely stays ready."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from config.bench.driver import Meter
from config.stack.stack import Stack

SETTLE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Idle:
    """Percent of one core."""

    own: float
    postgres: float | None
    redis: float | None
    total: float


def measure(logs: Path, *, seconds: float) -> Idle:
    """Web, worker and sweeper left alone for so long, after they have settled and Postgres has tidied up what came before."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    with Stack(logs) as stack:
        stack.start_web()
        stack.start_worker("bench-idle", concurrency=2)
        stack.start_sweeper()
        time.sleep(SETTLE_SECONDS)
        meter = Meter([process.pid for process in stack.processes])
        time.sleep(seconds)
        used, passed = meter.cpu(), meter.seconds()
    return Idle(
        own=used.own / passed * 100,
        postgres=None if used.postgres is None else used.postgres / passed * 100,
        redis=None if used.redis is None else used.redis / passed * 100,
        total=used.total / passed * 100,
    )
