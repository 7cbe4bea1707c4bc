"""`manage.py services`: what an operator of the embedded servers types."""

from collections.abc import Callable
from pathlib import Path

from tests.embedded import observe
from tests.embedded.clients import Client, manage


def test_status_starts_nothing(state_dir: Path) -> None:
    answer = manage(state_dir, "status")

    assert answer.returncode == 3
    assert "are down" in answer.stderr
    assert observe.servers_of(state_dir) == []


def test_up_keeps_the_servers_without_clients_until_down(state_dir: Path) -> None:
    started = manage(state_dir, "up")
    assert started.returncode == 0, started.stderr
    supervisor = observe.services(state_dir).pid

    status = manage(state_dir, "status")

    assert f"process {supervisor}" in status.stdout
    assert "DATABASE_URL=postgres://" in status.stdout
    assert manage(state_dir, "down").stdout == "Down.\n"
    assert observe.servers_of(state_dir) == []


def test_down_refuses_while_somebody_uses_the_servers(state_dir: Path, client: Callable[..., Client]) -> None:
    client().urls()

    refused = manage(state_dir, "down")

    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert len(observe.servers_of(state_dir)) == 2
    assert manage(state_dir, "down", "--force").returncode == 0
    assert observe.servers_of(state_dir) == []


def test_reset_erases_everything_but_only_when_told_so(state_dir: Path, client: Callable[..., Client]) -> None:
    last = client()
    before = last.urls()
    observe.write(before.database, before.redis, 1)
    last.end()

    assert manage(state_dir, "reset").returncode == 1
    assert manage(state_dir, "reset", "--yes").returncode == 0

    after = client().urls()
    observe.write(after.database, after.redis, 2)
    assert observe.read(after.database, after.redis) == ([2], 2)
