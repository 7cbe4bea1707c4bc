"""Server processes that die with the process that started them."""

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from config.embedded.errors import EmbeddedError
from config.embedded.home import Home

PR_SET_PDEATHSIG = 1
LOG_LIMIT_BYTES = 10_000_000
SERVER_PORTS = range(20_000, 32_000)
LIBC = ctypes.CDLL(None, use_errno=True)


class ServerProcess:
    """One running server: start it, wait for it, stop it, kill it, freeze it.

    It gets `stop_signal` from the kernel as soon as the thread that started it is gone, so start it from a thread
    that lives as long as the server should.
    """

    def __init__(self, command: Sequence[str], *, home: Home, log: Path, stop_signal: signal.Signals) -> None:
        self.stop_signal = stop_signal
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        mode = "wb" if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES else "ab"
        parent = os.getpid()
        with log.open(mode) as output:
            self.process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=home.data,
                env=minimal_environment(),
                preexec_fn=lambda: die_with(parent, stop_signal),  # noqa: PLW1509 - two calls, nothing that takes a lock
                start_new_session=True,
                **account_arguments(home),
            )

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 30) -> bool:
        """Return whether `ready()` came true before the process ended or the time was up."""
        deadline = time.monotonic() + seconds
        while self.running and time.monotonic() < deadline:
            if ready():
                return True
            time.sleep(0.02)
        return False

    def stop(self, *, seconds: float = 30) -> None:
        """End it the clean way; after `seconds` the hard way."""
        self.send(signal.SIGCONT)
        self.send(self.stop_signal)
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.send(signal.SIGKILL)
        self.process.wait()

    def send(self, number: signal.Signals) -> None:
        if self.running:
            self.process.send_signal(number)


def run(command: Sequence[str], *, home: Home, what: str) -> None:
    """Run a short command as the servers' account; raise EmbeddedError with its output when it fails."""
    done = subprocess.run(
        list(command),
        cwd=home.data,
        env=minimal_environment(),
        capture_output=True,
        text=True,
        check=False,
        **account_arguments(home),
    )
    if done.returncode:
        raise EmbeddedError(f"{what} failed with code {done.returncode}: {(done.stderr or done.stdout).strip()}")


def account_arguments(home: Home) -> dict[str, Any]:
    """Return the arguments that make `subprocess` drop root for the servers' account."""
    if home.account is None:
        return {}
    return {"user": home.account.pw_uid, "group": home.account.pw_gid, "extra_groups": []}


def minimal_environment() -> Mapping[str, str]:
    """Return an environment in which no variable of the caller (PGDATA, secrets ...) reaches the servers."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def free_port(preferred: int | None = None) -> int:
    """Return a loopback port nobody listens on: `preferred` when it is free, else any.

    A server that is killed and started again wants its port back, so the ports come from below those that systems
    lend to outgoing connections: nobody takes one while its server is away.
    """
    for port in filter(None, (preferred, *random.sample(SERVER_PORTS, 100))):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise EmbeddedError("No free port on 127.0.0.1.")


def die_with(parent: int, number: signal.Signals) -> None:
    if sys.platform.startswith("linux"):
        LIBC.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
