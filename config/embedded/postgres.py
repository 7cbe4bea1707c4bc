"""One Postgres of our own: durable defaults, loopback only, a password of its own."""

import contextlib
import os
import secrets
import shutil
import signal
import time
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded.errors import EmbeddedError
from config.embedded.home import Home
from config.embedded.process import ServerProcess, free_port, run

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "-1",
    "shared_preload_libraries": "pg_stat_statements",
}
USER = "shop"
START_ATTEMPTS = 25  # a postmaster that was killed keeps its shared memory for some seconds
PAUSE_SECONDS = 0.2


class Postgres:
    """One cluster in `home`; `start()` makes it when it is not there yet."""

    def __init__(self, home: Home, *, log: Path, extra: dict[str, str] | None = None) -> None:
        self.home = home
        self.log = log
        self.settings = SETTINGS | (extra or {})
        self.port = 0
        self.server: ServerProcess | None = None

    @property
    def data(self) -> Path:
        return self.home.data / "postgres"

    @property
    def password(self) -> str:
        return (self.home.data / "postgres.password").read_text().strip()

    def url(self, database: str = "postgres") -> str:
        """Return the address of `database`, as DATABASE_URL has it."""
        return f"postgres://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self, port: int | None = None) -> None:
        """Start it and wait until it answers; raise EmbeddedError with the end of its log when it does not."""
        self._initialise()
        for _ in range(START_ATTEMPTS):
            self.port = free_port(port)
            self.server = ServerProcess(self._command(), home=self.home, log=self.log, stop_signal=signal.SIGINT)
            if self.server.wait_until(self.answers, seconds=60):
                return
            self.server.kill()
            time.sleep(PAUSE_SECONDS)
        raise EmbeddedError(f"Postgres does not start. {end_of(self.log)}")

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _command(self) -> list[str]:
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.home.postgres_bin / "postgres"), "-D", str(self.data), "-p", str(self.port), *options]

    def _initialise(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        unfinished = self.home.data / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        password = self.home.data / "postgres.password"
        with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_hex(16) + "\n")
        self.home.own(password)
        run(
            [
                *(str(self.home.postgres_bin / "initdb"), "-D", str(unfinished), "--username", USER),
                *("--pwfile", str(password), "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
                *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions"),
            ],
            home=self.home,
            what="Making the Postgres cluster",
        )
        unfinished.rename(self.data)


def create_database(url: str, name: str) -> None:
    """Make the database `name` on the server at `url`, unless it is there."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def end_of(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, for an error message."""
    if not log.exists():
        return f"There is no log at {log}."
    text = log.read_text(errors="replace").splitlines()[-lines:]
    return f"The end of {log}:\n" + "\n".join(text)
