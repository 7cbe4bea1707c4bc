"""A worker that has started and waits: each run is a fork of it, so that dying a hundred times takes no hundred starts.

A fork is a process like any other: it has its own connections, and ``kill -9`` ends it as it ends any. Before it forks, the
process that waits has opened nothing.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping

LONGEST = 120  # seconds
# What differs from run to run: settings that are read when they are needed, and what a worker reads when it begins.
SETTINGS = frozenset({"STRIPE_API_BASE", "FRAUD_API_BASE", "CARRIER_API_BASE", "MEDIA_ROOT"})
OF_ONE_RUN = SETTINGS | {"CRASH_AT", "CRASH_ONCE_FILE", "HOP_BY_HOP", "LONGEST", "WITHOUT", "PYTEST_CURRENT_TEST"}

_ready: dict[tuple[tuple[str, str], ...], subprocess.Popen[str]] = {}


def run(environment: Mapping[str, str]) -> int:
    """Run one worker in this environment until it ends; its exit status (-9 if it was killed)."""
    shared = {name: value for name, value in environment.items() if name not in OF_ONE_RUN}
    key = tuple(sorted(shared.items()))
    if key not in _ready:
        command = [sys.executable, "-m", "tests.faults.ready"]
        _ready[key] = subprocess.Popen(command, env=shared, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    waiting = _ready[key]
    assert waiting.stdin is not None
    assert waiting.stdout is not None
    waiting.stdin.write(json.dumps({name: environment[name] for name in OF_ONE_RUN & environment.keys()}) + "\n")
    waiting.stdin.flush()
    return int(waiting.stdout.readline())


def main() -> None:
    """Fork a worker for every line, and answer with how it ended; until nobody can ask any more."""
    from tests.faults.worker import work  # noqa: PLC0415 - starts Django, which only this process shall do

    for line in sys.stdin:
        child = os.fork()
        if not child:
            signal.alarm(LONGEST)
            _become(json.loads(line))
            os._exit(work())
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def _become(given: Mapping[str, str]) -> None:
    from django.conf import settings  # noqa: PLC0415

    os.environ.update(given)
    for name in SETTINGS & given.keys():
        assert hasattr(settings, name), name
        setattr(settings, name, given[name])
    if target := given.get("CRASH_AT"):
        _arm(target, given.get("CRASH_ONCE_FILE", ""))


def _arm(target: str, once_file: str) -> None:
    from shop.messaging import crashpoints  # noqa: PLC0415

    silent, armed = crashpoints.crash_point, crashpoints._armed(target, once_file)
    for module in list(sys.modules.values()):
        if vars(module).get("crash_point") is silent:
            vars(module)["crash_point"] = armed


if __name__ == "__main__":
    main()
