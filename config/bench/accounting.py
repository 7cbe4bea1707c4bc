"""CPU by whose it is, by the operating system: ours by process group, Postgres by its family, Redis by its own word."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import redis
from django.conf import settings

from shop.messaging.sets import fetch_rows

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds. ``postgres`` and ``redis`` are ``None`` when they run where we cannot look."""

    own: float
    postgres: float | None
    redis: float | None

    def since(self, earlier: Cpu) -> Cpu:
        """What was used between ``earlier`` and now."""
        return Cpu(self.own - earlier.own, _difference(self.postgres, earlier.postgres), _difference(self.redis, earlier.redis))

    @property
    def total(self) -> float:
        """Of everybody we can see."""
        return self.own + (self.postgres or 0.0) + (self.redis or 0.0)


@dataclass(frozen=True, slots=True)
class ProcessTimes:
    """One line of ``/proc``: parent, process group, and CPU seconds of the process and of the children it has buried."""

    pid: int
    parent: int
    group: int
    seconds: float


def cpu(groups: Collection[int]) -> Cpu:
    """CPU used so far by these process groups and by both servers."""
    return Cpu(_seconds(lambda process: process.group in groups), _postgres(), _redis())


def own_children() -> float:
    """CPU seconds of children of this process that have ended, such as pgbench."""
    times = os.times()
    return times.children_user + times.children_system


def processes() -> Iterator[ProcessTimes]:
    """Every process there is just now; nothing where the system has no ``/proc``."""
    for entry in PROC.iterdir() if PROC.is_dir() else ():
        if entry.name.isdigit():
            try:
                yield _times(entry)
            except OSError:
                continue  # it ended meanwhile


def _times(entry: Path) -> ProcessTimes:
    fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
    ticks = sum(int(field) for field in fields[11:15])
    return ProcessTimes(int(entry.name), int(fields[1]), int(fields[2]), ticks / TICKS_PER_SECOND)


def _postgres() -> float | None:
    """The postmaster buries its own backends, so its children's time includes those that have gone."""
    (backend,) = fetch_rows("SELECT pg_backend_pid()")[0]
    try:
        if not (PROC / str(backend) / "comm").read_text().startswith("postgres"):
            return None
        postmaster = _times(PROC / str(backend)).parent
    except OSError:
        return None
    return _seconds(lambda process: postmaster in (process.pid, process.parent))


def _redis() -> float | None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        said = client.info("cpu")
    return float(said["used_cpu_user"]) + float(said["used_cpu_sys"])


def _seconds(wanted: Callable[[ProcessTimes], bool]) -> float:
    return sum(process.seconds for process in processes() if wanted(process))


def _difference(later: float | None, earlier: float | None) -> float | None:
    return None if later is None or earlier is None else later - earlier
