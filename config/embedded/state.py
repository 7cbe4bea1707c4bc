"""The state folder and its three locks.

`clients.lock` is held shared by every process that uses the servers, for as long as it lives; `start.lock` by the one
that is starting them; `supervisor.lock` by the supervisor. The kernel lets go of a lock when its process dies, however
it dies, so nothing here can be left behind by a crash.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from config.embedded.errors import EmbeddedError

ALREADY_RUNNING = 3  # what a supervisor returns when another one has the state folder
CHECKOUT = Path(__file__).resolve().parents[2]

HINT = "set SHOP_STATE_DIR to a folder of your own"


@dataclass(frozen=True)
class Services:
    """What the supervisor wrote down: both addresses (Postgres's up to the database name) and its process id."""

    pid: int
    postgres: str
    postgres_port: int
    redis: str
    redis_port: int
    databases: int


@dataclass(frozen=True)
class State:
    """One state folder (`.local`, or SHOP_STATE_DIR)."""

    path: Path

    @classmethod
    def of_this_checkout(cls) -> "State":
        """Return the state folder of the environment, made when missing."""
        state = cls(Path(os.environ.get("SHOP_STATE_DIR") or CHECKOUT / ".local").resolve())
        try:
            state.logs.mkdir(parents=True, exist_ok=True)
        except OSError as refused:
            raise EmbeddedError(f"Cannot make {state.logs} ({refused}): {HINT}.") from refused
        return state

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def keep_marker(self) -> Path:
        """While this file exists the servers stay up without clients."""
        return self.path / "keep"

    @property
    def services_file(self) -> Path:
        return self.path / "services.json"

    @property
    def ports_file(self) -> Path:
        return self.path / "ports.json"

    def read_services(self) -> Services | None:
        """Return what a supervisor wrote down, or None while there is nothing."""
        with contextlib.suppress(FileNotFoundError, ValueError, TypeError):
            return Services(**json.loads(self.services_file.read_text()))
        return None

    def write_services(self, services: Services) -> None:
        """Write it down at once and whole, readable by its owner only: it holds passwords."""
        unfinished = self.path / "services.json.new"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(services), file)
        unfinished.replace(self.services_file)
        self.ports_file.write_text(json.dumps([services.postgres_port, services.redis_port]))

    def last_ports(self) -> tuple[int | None, int | None]:
        """Return the ports of last time: a client that outlived its servers finds the next ones there."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            postgres, valkey = json.loads(self.ports_file.read_text())
            return int(postgres), int(valkey)
        return None, None

    def open_lock(self, name: str) -> IO[str]:
        """Open a lock file, without locking it."""
        try:
            return (self.path / name).open("a")
        except OSError as refused:
            raise EmbeddedError(f"Cannot open {self.path / name} ({refused}): {HINT}.") from refused

    @contextlib.contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Hold a lock for the length of a block, waiting for it first."""
        with self.open_lock(name) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def is_locked(self, name: str) -> bool:
        """Return whether somebody holds this lock, shared or not."""
        with self.open_lock(name) as file:
            return not try_lock(file)


def try_lock(file: IO[str]) -> bool:
    """Take the lock if nobody holds it, shared or not; return whether it is ours now."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
