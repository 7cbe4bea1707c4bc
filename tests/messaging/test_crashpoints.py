"""A process dies where a test asked it to, as if its power were cut, and nowhere else."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PASS_TWICE = """
from shop.messaging.crashpoints import crash_point
for number in (1, 2):
    crash_point("deliver.before_commit", "inventory")
    print(number, flush=True)
"""


def process(**environment: str) -> subprocess.CompletedProcess[str]:
    """A process of its own that passes one crash point twice."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CRASH_")}
    return subprocess.run(
        [sys.executable, "-c", PASS_TWICE], env={**inherited, **environment}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("crash_at", "passed"),
    [
        ("", ["1", "2"]),
        ("deliver.before_commit", []),
        ("deliver.before_commit:inventory", []),
        ("deliver.before_commit:inventory#2", ["1"]),
        ("deliver.before_commit#3", ["1", "2"]),
        ("deliver.before_commit:payments", ["1", "2"]),
        ("deliver.after_commit", ["1", "2"]),
    ],
)
def test_it_dies_at_that_point_of_that_subscriber_that_time(crash_at, passed):
    done = process(CRASH_AT=crash_at)
    assert done.stdout.split() == passed
    assert done.returncode == (0 if passed == ["1", "2"] else -signal.SIGKILL)


def test_with_a_file_that_remembers_only_the_first_process_dies(tmp_path: Path):
    once = tmp_path / "crashed"
    armed = {"CRASH_AT": "deliver.before_commit", "CRASH_ONCE_FILE": str(once)}
    assert process(**armed).returncode == -signal.SIGKILL
    assert once.exists()
    assert process(**armed).returncode == 0


def test_a_point_that_does_not_exist_is_refused_at_once():
    done = process(CRASH_AT="deliver.befor_commit")
    assert done.returncode == 1
    assert "no such crash point" in done.stderr
    assert done.stdout == ""
