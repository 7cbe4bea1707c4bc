"""What it was measured on: figures of different machines say nothing to each other."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass

import redis
from django.conf import settings

from shop.messaging.sets import fetch_rows

SETTINGS = """
    SELECT current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit'),
           current_setting('full_page_writes')
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores this process may use, servers and their durability, and how busy the machine was when the benchmark began."""

    cores: int
    load: float
    python: str
    postgres: str
    fsync: str
    synchronous_commit: str
    full_page_writes: str
    redis: str

    @property
    def durable(self) -> bool:
        """Whether a commit is on disk when Postgres says so."""
        return {self.fsync, self.synchronous_commit, self.full_page_writes} == {"on"}

    def __str__(self) -> str:
        """One line that holds everything."""
        return ", ".join(f"{name} {value}" for name, value in asdict(self).items())


def describe() -> Machine:
    """This machine as it is now."""
    postgres, fsync, commit, pages = fetch_rows(SETTINGS)[0]
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        server = client.info("server")
    return Machine(
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        load=round(os.getloadavg()[0], 1),
        python=platform.python_version(),
        postgres=str(postgres),
        fsync=str(fsync),
        synchronous_commit=str(commit),
        full_page_writes=str(pages),
        redis=str(server.get("valkey_version") or server["redis_version"]),
    )
