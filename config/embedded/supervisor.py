"""The process that owns the embedded servers: `python -m config.embedded.supervisor STATE_DIR`.

It detaches itself, starts both servers, starts either again should it die, and ends both cleanly when nobody has used
them for a while. Should it be killed, the kernel ends the servers with it.
"""

import fcntl
import os
import signal
import sys
import time
from pathlib import Path
from typing import IO

from config.embedded.home import Home
from config.embedded.orphans import end_orphans, erase_abandoned
from config.embedded.postgres import Postgres
from config.embedded.state import ALREADY_RUNNING, Services, State, try_lock
from config.embedded.valkey import DATABASES, Valkey

POLL_SECONDS = 0.5
MOST_RESTARTS = 5
LOCK_SECONDS = 2  # longer than anybody looks at the lock


class Supervisor:
    """Both servers of one state folder, and the decision when to end them."""

    def __init__(self, state: State, idle_seconds: float) -> None:
        self.state = state
        self.idle_seconds = idle_seconds
        self.home = Home.for_state(state.path)
        self.postgres = Postgres(self.home, log=state.logs / "postgres.log")
        self.valkey = Valkey(self.home, log=state.logs / "valkey.log")
        self.clients = state.open_lock("clients.lock")
        self.asked_to_stop = False
        self.restarts = 0

    def run(self) -> None:
        """Serve until nobody needs the servers, or until SIGTERM."""
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, self._ask_to_stop)
        say(f"supervisor {os.getpid()} starts in {self.home.data}")
        if ended := end_orphans(self.home):
            say(f"ended {ended} servers whose supervisor is gone")
        if erased := erase_abandoned():
            say(f"erased the data of {erased} state folders that are gone")
        try:
            self._start()
            self._serve()
        finally:
            self._stop()

    def _start(self) -> None:
        postgres_port, valkey_port = self.state.last_ports()
        self.valkey.start(valkey_port)
        self.postgres.start(postgres_port)
        self.state.write_services(
            Services(
                pid=os.getpid(),
                postgres=self.postgres.url(""),
                postgres_port=self.postgres.port,
                redis=self.valkey.url(0).removesuffix("0"),
                redis_port=self.valkey.port,
                databases=DATABASES,
            )
        )
        say(f"ready: postgres on {self.postgres.port}, valkey on {self.valkey.port}")

    def _serve(self) -> None:
        last_used = time.monotonic()
        while not self.asked_to_stop:
            time.sleep(POLL_SECONDS)
            self._restart_what_died()
            if not try_lock(self.clients) or self.state.keep_marker.exists():
                fcntl.flock(self.clients, fcntl.LOCK_UN)
                last_used = time.monotonic()
            elif time.monotonic() - last_used >= self.idle_seconds:
                say("nobody needs the servers")
                return  # the lock stays ours: who comes now waits until the servers are down
            else:
                fcntl.flock(self.clients, fcntl.LOCK_UN)

    def _restart_what_died(self) -> None:
        for server in (self.postgres, self.valkey):
            if server.server is None or server.server.running:
                continue
            self.restarts += 1
            if self.restarts > MOST_RESTARTS:
                raise SystemExit(f"{type(server).__name__} died {self.restarts} times: giving up")
            say(f"{type(server).__name__} died: starting it again on port {server.port}")
            server.start(server.port)

    def _stop(self) -> None:
        self.state.services_file.unlink(missing_ok=True)
        for server in (self.valkey, self.postgres):
            if server.server:
                server.server.stop()
        say("down")

    def _ask_to_stop(self, *_: object) -> None:
        self.asked_to_stop = True


def say(text: str) -> None:
    """Write a line to the supervisor's log."""
    sys.stdout.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {text}\n")
    sys.stdout.flush()


def _lock_patiently(lock: IO[str]) -> bool:
    deadline = time.monotonic() + LOCK_SECONDS
    while not (ours := try_lock(lock)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return ours


def main(arguments: list[str]) -> int:
    """Detach and serve; return 3 at once when another supervisor has this state folder."""
    state = State(Path(arguments[0]))
    lock = state.open_lock("supervisor.lock")
    if not _lock_patiently(lock):
        return ALREADY_RUNNING
    if os.fork():
        os._exit(0)  # the child inherits the lock
    os.setsid()
    Supervisor(state, idle_seconds=float(os.environ.get("SHOP_EMBEDDED_IDLE_SECONDS", "30"))).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
