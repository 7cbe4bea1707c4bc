"""What was left behind: servers that outlived their supervisor, data that outlived their checkout."""

import contextlib
import signal
from pathlib import Path

import psutil

from config.embedded.home import Home, abandoned_data, erase_data

NAMES = ("postgres", "valkey-server")
STEPS = ((signal.SIGCONT, 0), (signal.SIGINT, 10), (signal.SIGQUIT, 5), (signal.SIGKILL, 5))


def end_orphans(home: Home) -> int:
    """End every server still working on the data of `home`, gently first; return how many there were.

    The supervisor calls it while it holds its lock, so a server found here has no supervisor.
    """
    found = [process for process in psutil.process_iter() if _serves(process, home.data)]
    waiting = found
    for number, seconds in STEPS:
        for process in waiting:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        waiting = psutil.wait_procs(waiting, timeout=seconds)[1]
    return len(found)


def erase_abandoned() -> int:
    """Remove the data of state folders that are gone, unless servers still work on them; return how many."""
    idle = [data for data in abandoned_data() if not any(_serves(process, data) for process in psutil.process_iter())]
    for data in idle:
        erase_data(data)
    return len(idle)


def _serves(process: psutil.Process, data: Path) -> bool:
    """Every server process works in its data folder, backends of Postgres included."""
    try:
        return process.name() in NAMES and Path(process.cwd()).is_relative_to(data)
    except psutil.Error:
        return False
