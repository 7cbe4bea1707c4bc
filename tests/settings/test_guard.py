"""Production does not start with anything missing, well known, or meant for fault tests."""

import os
import subprocess
import sys

import pytest

from config.settings import guard
from config.settings.base import BASE_DIR

GOOD = {name: f"real-{name.lower()}" for name in guard.REQUIRED} | {
    "SECRET_KEY": "4uR9vXw2LqT7hZpB6nYc8KdE3mFjGs5aHtWxQzVb1N-0oIeUyTrP",
    "DATABASE_URL": "postgres://shop:secret@db.invalid:5432/shop",
    "REDIS_URL": "redis://:secret@redis.invalid:6379/0",
    "ALLOWED_HOSTS": "shop.invalid",
}


def start_production(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Load the production settings in a process of their own."""
    return subprocess.run(
        [sys.executable, "-c", "import config.settings.production"],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"]} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_everything_given_and_nothing_well_known_is_fine() -> None:
    assert guard.problems(GOOD) == []
    assert start_production(GOOD).returncode == 0


def test_production_names_everything_that_is_missing_at_once() -> None:
    refused = start_production({})

    assert refused.returncode == 1
    assert "ImproperlyConfigured" in refused.stderr
    assert [name for name in guard.REQUIRED if f"{name} is missing" not in refused.stderr] == []


@pytest.mark.parametrize("name", guard.REQUIRED)
def test_blank_is_missing(name: str) -> None:
    assert guard.problems(GOOD | {name: " "}) == [f"{name} is missing"]


@pytest.mark.parametrize("name", guard.DEVELOPMENT)
def test_a_development_default_is_refused(name: str) -> None:
    assert f"{name} is the development default" in guard.problems(GOOD | {name: guard.DEVELOPMENT[name]})


@pytest.mark.parametrize("name", guard.FORBIDDEN)
def test_a_fault_switch_is_refused(name: str) -> None:
    assert guard.problems(GOOD | {name: "anything"}) == [f"{name} is for fault tests only"]


@pytest.mark.parametrize(("name", "value"), [("SECRET_KEY", "short"), ("SECRET_KEY", "a" * 60), ("ALLOWED_HOSTS", "a, *")])
def test_a_weak_value_is_refused(name: str, value: str) -> None:
    assert len(guard.problems(GOOD | {name: value})) == 1
