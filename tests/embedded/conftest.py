"""Embedded servers in a state folder of the test's own, used by processes of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.embedded.clients import Client, erase


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    """A state folder nobody else uses; its servers are ended and erased afterwards."""
    yield tmp_path
    erase(tmp_path)


@pytest.fixture
def client(state_dir: Path) -> Iterator[Callable[..., Client]]:
    """Start a process that uses the embedded servers until it is told to end."""
    started: list[Client] = []

    def start(**environment: str) -> Client:
        started.append(Client(state_dir, environment))
        return started[-1]

    yield start
    for each in started:
        each.kill()
