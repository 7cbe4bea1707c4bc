"""Servers of a test's own: kill them, freeze them, start them again on the same port."""

import contextlib
import signal
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self

import psutil

from config.embedded.errors import EmbeddedError
from config.embedded.home import Home
from config.embedded.postgres import Postgres
from config.embedded.process import ServerProcess
from config.embedded.valkey import Valkey


class _PrivateServer:
    """What both have in common. Used as a context manager, it is started at once and erased at the end.

    The kernel ends the server together with the thread that started it.
    """

    def __init__(self, server: Postgres | Valkey) -> None:
        self._server = server

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.erase()

    @property
    def pid(self) -> int:
        return self._process.process.pid

    @property
    def port(self) -> int:
        """The loopback port; a server started again has the port it had."""
        return self._server.port

    @property
    def running(self) -> bool:
        return self._server.server is not None and self._server.server.running

    def start(self) -> None:
        """Start it, with the data it had, and wait until it answers."""
        self._server.start(self._server.port or None)

    def stop(self) -> None:
        """End it the clean way, if it runs."""
        if self.running:
            self._process.stop()

    def kill(self) -> None:
        """End it as `kill -9` of its main process does; its data stay as they are at that moment.

        A backend of Postgres outlives its postmaster until it next waits for something, and may answer one more
        client. Killed means that nobody answers, so this returns when the last of them is gone.
        """
        rest = psutil.Process(self.pid).children(recursive=True) if self.running else []
        self._process.kill()
        wait_for_the_end_of(rest)

    def pause(self) -> None:
        """Freeze the server and all its processes: connections stay open and nothing answers."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Undo `pause()`."""
        self._signal_all(signal.SIGCONT)

    def erase(self) -> None:
        """End it at once and remove its data."""
        if self.running:
            self.resume()
            self.kill()
        self._server.home.erase()

    @property
    def _process(self) -> ServerProcess:
        if self._server.server is None:
            raise EmbeddedError(f"{type(self).__name__} was never started.")
        return self._server.server

    def _signal_all(self, number: signal.Signals) -> None:
        main = psutil.Process(self.pid)
        for process in (main, *main.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)


def wait_for_the_end_of(processes: Iterable[psutil.Process]) -> None:
    """Return when all of these have ended, reaped or not: orphans are somebody else's children."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            while process.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.01)


class PrivatePostgres(_PrivateServer):
    """A Postgres of its own in `directory`, with the durability of production."""

    def __init__(self, directory: Path, **settings: str) -> None:
        home = Home.for_state(directory.resolve())
        self._postgres = Postgres(home, log=directory / "postgres.log", extra=settings)
        super().__init__(self._postgres)

    def url(self, database: str = "postgres") -> str:
        """Return the address of `database`; only `postgres` exists from the start."""
        return self._postgres.url(database)


class PrivateValkey(_PrivateServer):
    """A Redis-compatible server of its own in `directory`, with an append-only file."""

    def __init__(self, directory: Path, **settings: str) -> None:
        home = Home.for_state(directory.resolve())
        self._valkey = Valkey(home, log=directory / "valkey.log", extra=settings)
        super().__init__(self._valkey)

    def url(self, database: int = 0) -> str:
        """Return the address of one of its numbered databases."""
        return self._valkey.url(database)
