"""A worker without a bell, as a process: delivers until nothing is left, or dies where it was told to."""

import os
import sys
import time
from pathlib import Path

import django

django.setup()

from django.db import connection  # noqa: E402 - Django first

from shop.messaging.delivery import onward  # noqa: E402
from shop.messaging.sweeper import sweep_once  # noqa: E402
from tests.faults.sabotage import take_away  # noqa: E402

UNFINISHED = "SELECT count(*) FROM messaging_delivery WHERE status IN ('open', 'leased')"


def wait_at(gate: str) -> None:
    """Say that this process is ready, and begin when the gate opens, so that several begin together."""
    Path(f"{gate}.{os.getpid()}").touch()
    while not Path(gate).exists():
        time.sleep(0.005)


def work() -> int:
    """As the environment says, sweep until the mailbox is empty."""
    take_away(os.environ.get("WITHOUT", ""))
    if "HOP_BY_HOP" in os.environ:  # as where every queue has its own workers: a transaction, a claim and a commit for each hop
        onward.MOST_MESSAGES = 0
    if "GATE" in os.environ:
        wait_at(os.environ["GATE"])
    deadline = time.monotonic() + float(os.environ.get("LONGEST", "60"))
    while time.monotonic() < deadline:
        sweep_once(grace=0.0)
        with connection.cursor() as cursor:
            cursor.execute(UNFINISHED)
            if cursor.fetchone()[0] == 0:
                return 0
        time.sleep(0.02)
    return 1


if __name__ == "__main__":
    sys.exit(work())
