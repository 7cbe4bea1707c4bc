"""What an operator of the embedded servers can do: keep them up, end them, look at them, erase them."""

import os
import signal
import time

from config.embedded.client import attach
from config.embedded.errors import EmbeddedError
from config.embedded.home import data_dir, erase_data
from config.embedded.state import Services, State, try_lock

LOOKS = 10  # the supervisor itself takes the clients' lock for an instant now and then
STOP_SECONDS = 60


def up() -> Services:
    """Start the servers if need be and keep them up, with clients or without, until `down()`."""
    State.of_this_checkout().keep_marker.touch()
    return attach()


def status() -> Services | None:
    """Return the addresses of running servers, or None; starts nothing."""
    state = State.of_this_checkout()
    return state.read_services() if state.is_locked("supervisor.lock") else None


def down(*, force: bool = False) -> bool:
    """End the servers and return whether there were any.

    Raises EmbeddedError while another process uses them, unless `force`.
    """
    state = State.of_this_checkout()
    running = status()
    if running and not force and _in_use(state):
        raise EmbeddedError("Other commands are using the embedded servers: end them first, or add --force.")
    state.keep_marker.unlink(missing_ok=True)
    if running is None:
        return False
    os.kill(running.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while state.is_locked("supervisor.lock"):
        if time.monotonic() > deadline:
            raise EmbeddedError(f"The supervisor (process {running.pid}) does not end; see {state.logs}.")
        time.sleep(0.05)
    return True


def erase() -> None:
    """End the servers and remove all their data."""
    down(force=True)
    state = State.of_this_checkout()
    erase_data(data_dir(state.path))
    state.ports_file.unlink(missing_ok=True)


def _in_use(state: State) -> bool:
    with state.open_lock("clients.lock") as clients:
        for _ in range(LOOKS):
            if try_lock(clients):
                return False
            time.sleep(0.05)
    return True
