"""One Valkey (speaks Redis) of our own: loopback only, a password of its own, survives kill -9."""

import os
import secrets
import signal
from pathlib import Path

import redis

from config.embedded.errors import EmbeddedError
from config.embedded.home import Home
from config.embedded.postgres import end_of
from config.embedded.process import ServerProcess, free_port

DATABASES = 1024
SETTINGS = {
    "bind": "127.0.0.1",
    "databases": str(DATABASES),
    "maxmemory-policy": "noeviction",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "aof-load-truncated": "yes",
    "save": '""',
    "daemonize": "no",
    "loglevel": "warning",
    "hz": "2",  # its housekeeping, ten times a second by default, is most of what it costs while nobody asks anything
}
START_ATTEMPTS = 5


class Valkey:
    """One server in `home`."""

    def __init__(self, home: Home, *, log: Path, extra: dict[str, str] | None = None) -> None:
        self.home = home
        self.log = log
        self.settings = SETTINGS | (extra or {})
        self.port = 0
        self.server: ServerProcess | None = None

    @property
    def password(self) -> str:
        return (self.home.data / "valkey.password").read_text().strip()

    def url(self, database: int = 0) -> str:
        """Return the address of one of its numbered databases, as REDIS_URL has it."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self, port: int | None = None) -> None:
        """Start it and wait until it answers; raise EmbeddedError with the end of its log when it does not."""
        for _ in range(START_ATTEMPTS):
            self.port = free_port(port)
            self.server = ServerProcess(
                [str(self.home.valkey_server), str(self._configure())],
                home=self.home,
                log=self.log,
                stop_signal=signal.SIGTERM,
            )
            if self.server.wait_until(self.answers):
                return
            self.server.kill()
        raise EmbeddedError(f"Valkey does not start. {end_of(self.log)}")

    def answers(self) -> bool:
        return answers(self.url())

    def _configure(self) -> Path:
        password = self.home.data / "valkey.password"
        if not password.exists():
            self._write(password, secrets.token_hex(16) + "\n")
        own = {"port": str(self.port), "dir": str(self.home.folder("valkey")), "requirepass": self.password}
        lines = [f"{name} {value}" for name, value in (self.settings | own).items()]
        return self._write(self.home.data / "valkey.conf", "\n".join(lines) + "\n")

    def _write(self, path: Path, text: str) -> Path:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        self.home.own(path)
        return path


def answers(url: str) -> bool:
    """Return whether a Redis-compatible server at `url` answers a ping within a second."""
    client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
