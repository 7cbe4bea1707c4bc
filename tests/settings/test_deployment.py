"""`compose.yaml` and `Procfile` start what the settings name."""

from typing import Any

import pytest
import yaml
from django.conf import settings

COMPOSE: dict[str, Any] = yaml.safe_load((settings.BASE_DIR / "compose.yaml").read_text())
WORKERS = {name: service for name, service in COMPOSE["services"].items() if name.startswith("worker-")}


def test_every_queue_has_exactly_one_worker_service() -> None:
    queues = [service["command"][service["command"].index("--queues") + 1] for service in WORKERS.values()]

    assert sorted(queues) == sorted(settings.QUEUES)
    assert [f"worker-{queue}" for queue in queues] == list(WORKERS)


@pytest.mark.parametrize("name", [*WORKERS, "web", "sweeper"])
def test_nothing_starts_before_the_migration_has_succeeded(name: str) -> None:
    assert COMPOSE["services"][name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_every_process_of_ours_runs_the_production_settings_and_cannot_write_to_its_image() -> None:
    ours = {name: service for name, service in COMPOSE["services"].items() if "build" in service}

    assert set(ours) == {*WORKERS, "migrate", "web", "sweeper"}
    for service in ours.values():
        assert service["environment"]["DJANGO_SETTINGS_MODULE"] == "config.settings.production"
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]


def test_the_worker_of_make_run_takes_every_queue() -> None:
    commands = dict(line.split(": ", 1) for line in (settings.BASE_DIR / "Procfile").read_text().splitlines())

    assert set(commands) == {"web", "worker", "sweeper", "sandbox"}
    assert "--queues" not in commands["worker"]
