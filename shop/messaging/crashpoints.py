"""Places where a test may ask a process to die as if its power were cut.

``CRASH_AT=deliver.before_commit:fulfilment.inventory.reserve_inventory#2`` kills the process (SIGKILL) the second time that
subscriber passes that point; subscriber and number are optional. ``CRASH_ONCE_FILE`` names a file that remembers that it
happened, so that the next process lives. Without ``CRASH_AT`` the function does nothing; production refuses to start with it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from itertools import count
from pathlib import Path

POINTS = (
    "deliver.before_handler",
    "deliver.before_done",
    "deliver.before_commit",
    "deliver.after_commit",
    "outside.after_claim",
    "outside.after_call",
    "outside.before_commit",
    "outside.after_commit",
    "execute.before_commit",
    "execute.after_commit",
)


def _silent(point: str, subject: str = "") -> None:
    """The crash point of a process nobody asked to crash."""


def _armed(target: str, once_file: str) -> Callable[..., None]:
    place, _, nth = target.partition("#")
    wanted_point, _, wanted_subject = place.partition(":")
    if wanted_point not in POINTS:
        raise ValueError(f"CRASH_AT={target!r}: no such crash point; there are {', '.join(POINTS)}")
    passings = count(1)

    def crash(point: str, subject: str = "") -> None:
        if point != wanted_point or (wanted_subject and wanted_subject != subject) or next(passings) != int(nth or 1):
            return
        if once_file:
            try:
                Path(once_file).touch(exist_ok=False)
            except FileExistsError:
                return
        os.kill(os.getpid(), signal.SIGKILL)

    return crash


crash_point: Callable[..., None] = (
    _armed(os.environ["CRASH_AT"], os.environ.get("CRASH_ONCE_FILE", "")) if os.environ.get("CRASH_AT") else _silent
)
