"""Finding the embedded servers, or starting them."""

import contextlib
import fcntl
import os
import subprocess
import sys
import time
import zlib
from dataclasses import dataclass
from functools import cache
from typing import IO

import psycopg

from config.embedded.errors import EmbeddedError
from config.embedded.postgres import create_database, end_of
from config.embedded.state import ALREADY_RUNNING, CHECKOUT, Services, State
from config.embedded.valkey import answers

SUPERVISOR = "config.embedded.supervisor"
START_SECONDS = 90
ANSWER_SECONDS = 15

# Kept open for the life of the process: closing it would say "I no longer need the servers".
_presence: list[IO[str]] = []


@dataclass(frozen=True)
class Urls:
    """Where this process finds its database and its Redis; `name` is the database's name."""

    database: str
    redis: str
    name: str


def attach() -> Services:
    """Count this process as a client until it ends, start the servers if need be, and return their addresses.

    Raises EmbeddedError, with the reason and the end of the log, when they do not start.
    """
    state = State.of_this_checkout()
    presence = state.open_lock("clients.lock")
    fcntl.flock(presence, fcntl.LOCK_SH)  # waits while they are being shut down
    _presence.append(presence)
    with state.locked("start.lock"):
        if not state.is_locked("supervisor.lock"):
            state.services_file.unlink(missing_ok=True)
            _start_supervisor(state)
        return _wait_until_written_down(state)


@cache
def embedded_urls(database: str) -> Urls:
    """Return the addresses of the embedded servers with `database` made on them; asked once per process."""
    services = attach()
    _wait_until_answering(services, database)
    return Urls(
        database=services.postgres + database,
        redis=f"{services.redis}{redis_number(database, services.databases)}",
        name=database,
    )


def redis_number(database: str, databases: int) -> int:
    """Return which numbered Redis database goes with a Postgres database, so that two checkouts' tests do not meet."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    return zlib.crc32(f"{database}/{worker}".encode()) % databases


def _start_supervisor(state: State) -> None:
    log = state.logs / "supervisor.log"
    with log.open("ab") as output:
        started = subprocess.run(
            [sys.executable, "-m", SUPERVISOR, str(state.path)],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        )
    if started.returncode not in (0, ALREADY_RUNNING):
        raise EmbeddedError(f"The embedded servers do not start. {end_of(log)}")


def _wait_until_written_down(state: State) -> Services:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        running = state.is_locked("supervisor.lock")
        if services := state.read_services():
            return services
        if not running:
            break
        time.sleep(0.02)
    raise EmbeddedError(f"The embedded servers do not start. {end_of(state.logs / 'supervisor.log')}")


def _wait_until_answering(services: Services, database: str) -> None:
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError):
            create_database(services.postgres + "postgres", database)
            if answers(f"{services.redis}0"):
                return
        time.sleep(0.1)
    raise EmbeddedError("The embedded servers run but do not answer: try `manage.py services down --force`.")
