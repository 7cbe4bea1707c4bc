"""One child process: started in a session of its own, logging into a file, killed for real when asked, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from config.embedded.process import die_with

GRACE_SECONDS = 10.0


class StartFailed(RuntimeError):
    """A process did not become ready; the message ends with the last lines of its log."""


class Process:
    """A child with its whole process group; it ends when the thread that started it does. ``log`` keeps everything it says."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self._killed = False
        log.parent.mkdir(parents=True, exist_ok=True)
        parent = os.getpid()
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                [*command],
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=lambda: die_with(parent, signal.SIGTERM),  # noqa: PLW1509 - two calls, nothing that takes a lock
            )

    @property
    def pid(self) -> int:
        """The child's process id, which is also its group's."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether it is still running."""
        return self._child.poll() is None

    def wait(self, seconds: float) -> int | None:
        """Its exit status, or ``None`` if it still runs after ``seconds``."""
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """SIGKILL to the whole group, as if the power were cut. Once: afterwards its number may be somebody else's."""
        if not self._killed:
            self._signal(signal.SIGKILL)
            self._child.wait()
            self._killed = True

    def pause(self) -> None:
        """Freeze the whole group (SIGSTOP)."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused group go on."""
        self._signal(signal.SIGCONT)

    def ask_to_end(self) -> None:
        """SIGTERM to the whole group; it may finish what it is doing."""
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """Ask it to end, and make it end if it does not."""
        if self.alive:
            self.ask_to_end()
            self.wait(GRACE_SECONDS)
        self.kill()

    def tail(self, lines: int = 15) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def await_ready(self, ready: Callable[[], bool], seconds: float = 60.0) -> None:
        """Return once ``ready()``. Raises ``StartFailed`` when it dies first or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise StartFailed(f"{self.name} ended with status {self._child.returncode}:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise StartFailed(f"{self.name} was not ready after {seconds:.0f} s:\n{self.tail()}")
            time.sleep(0.05)

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return


def python(*arguments: str) -> list[str]:
    """This very interpreter, with ``arguments``."""
    return [sys.executable, *arguments]
