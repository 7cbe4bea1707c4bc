"""A worker's sign of life: a file it touches, which a health check can look at without starting a process of its own."""

import os
from pathlib import Path
from typing import Any, ClassVar

from celery import bootsteps

TOUCH_SECONDS = 10.0


class SignOfLife(bootsteps.StartStopStep):
    """Touches WORKER_ALIVE_FILE every ten seconds, from the loop that fetches tasks.

    A worker that hangs, or that has lost Redis, stops touching it. Without the variable there is no file.
    """

    requires: ClassVar[set[str]] = {"celery.worker.components:Timer"}

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.path = os.environ.get("WORKER_ALIVE_FILE", "")
        self.timer: Any = None

    def include_if(self, _parent: Any) -> bool:
        return bool(os.environ.get("WORKER_ALIVE_FILE"))

    def start(self, parent: Any) -> None:
        file = Path(self.path)
        file.touch()
        self.timer = parent.timer.call_repeatedly(TOUCH_SECONDS, file.touch)

    def stop(self, _parent: Any) -> None:
        if self.timer:
            self.timer.cancel()
            Path(self.path).unlink(missing_ok=True)
