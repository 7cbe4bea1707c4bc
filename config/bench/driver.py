"""Waiting for orders and measuring meanwhile, with as little noise of its own as possible."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from config.bench.accounting import Cpu, cpu
from config.bench.rates import Rate
from config.stack.processes import Process
from shop.messaging.sets import fetch_rows

PAUSE_SECONDS = 0.02
LONGEST_SECONDS = 300.0
# By the index on the newest orders: as fast among a million orders as among none.
CONFIRMED = "SELECT /* bench */ count(*) FROM ordering_order WHERE created_at >= %s AND lifecycle_status <> 'CREATED'"


class Meter:
    """Measures a stretch of work of these process groups: made at its start, asked at its end."""

    def __init__(self, groups: Collection[int]) -> None:
        self._groups = groups
        self._cpu = cpu(groups)
        self._started = time.monotonic()

    def seconds(self) -> float:
        """Wall seconds since the start."""
        return time.monotonic() - self._started

    def cpu(self) -> Cpu:
        """CPU since the start."""
        return cpu(self._groups).since(self._cpu)

    def rate(self, flows: int, **more: Any) -> Rate:
        """What has passed, for each of ``flows``; ``more`` are figures measured elsewhere."""
        seconds = self.seconds()
        used = self.cpu()
        return Rate(
            flows / seconds,
            cpu_own=used.own / flows * 1000,
            cpu_postgres=_each(used.postgres, flows),
            cpu_redis=_each(used.redis, flows),
            **more,
        )


def database_time() -> datetime:
    """Now, by the clock that stamps orders."""
    now: datetime = fetch_rows("SELECT clock_timestamp()")[0][0]
    return now


def confirmed(since: datetime) -> int:
    """How many orders made since then are past CREATED."""
    return int(fetch_rows(CONFIRMED, [since])[0][0])


def wait_for_orders(count: int, since: datetime, by: Sequence[Process]) -> None:
    """Return once so many orders made since then are confirmed.

    Raises ``RuntimeError`` when that takes more than five minutes or one of the processes it depends on has ended. All the asking
    is one transaction (READ COMMITTED sees what others commit), so that the books count it once.
    """
    deadline = time.monotonic() + LONGEST_SECONDS
    with transaction.atomic():
        while (there := confirmed(since)) < count:
            for process in by:
                if not process.alive:
                    raise RuntimeError(f"{process.name} has ended:\n{process.tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"only {there} of {count} checkouts were confirmed within {LONGEST_SECONDS:.0f} s")
            time.sleep(PAUSE_SECONDS)


def _each(seconds: float | None, flows: int) -> float | None:
    return None if seconds is None else seconds / flows * 1000
