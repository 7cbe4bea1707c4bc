"""Processes that use embedded servers the way any command of the shop does."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from config.embedded import Urls
from config.embedded.state import CHECKOUT

USE_SERVERS = """
import dataclasses, json, sys
from config import embedded
print(json.dumps(dataclasses.asdict(embedded.urls())), flush=True)
sys.stdin.read()
"""


def environment(state_dir: Path, **extra: str) -> dict[str, str]:
    """The environment of a machine without servers of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "SHOP_DB")}
    return kept | {"SHOP_STATE_DIR": str(state_dir)} | extra


def manage(state_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py services ...` for this state folder."""
    return subprocess.run(
        [sys.executable, "manage.py", "services", *arguments],
        cwd=CHECKOUT,
        env=environment(state_dir) | {"DJANGO_SETTINGS_MODULE": "config.settings.development"},
        capture_output=True,
        text=True,
        check=False,
    )


def erase(state_dir: Path) -> None:
    """End the servers of this state folder and remove their data."""
    subprocess.run(
        [sys.executable, "-c", "from config.embedded import control; control.erase()"],
        cwd=CHECKOUT,
        env=environment(state_dir),
        check=True,
    )


class Client:
    """One process that asks for the servers and then waits."""

    def __init__(self, state_dir: Path, extra: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE_SERVERS],
            cwd=CHECKOUT,
            env=environment(state_dir, **extra),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def urls(self) -> Urls:
        """Wait for what it was told; fail with what it said when it was told nothing."""
        assert self.process.stdout
        assert self.process.stderr
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return Urls(**json.loads(line))

    def end(self) -> None:
        """Let it finish the ordinary way."""
        self.process.communicate("")

    def kill(self) -> None:
        """End it as kill -9 does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.communicate()
