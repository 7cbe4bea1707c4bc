"""What every test starts from: real Postgres (one database per xdist worker) and a real, empty Redis database."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests.chromium import left_out

LEAVE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse to run where pytest-xdist forgets its groups: tests that share processes would run in two places at once.

    It marks a group in the test's id; with pytest 9.2 and pytest-xdist 3.8 that mark is lost without a word.
    """
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        if item.get_closest_marker("xdist_group") and "@" not in item.nodeid:
            raise pytest.UsageError(f"{item.nodeid} is in a group and pytest-xdist does not know it: check the versions of both.")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say at the end what was left out for want of a browser, if it was asked for."""
    browser = Path(__file__).parent / "browser"
    asked = [config.invocation_params.dir / argument.partition("::")[0] for argument in config.args]
    if any(path in (browser, *browser.parents) or browser in path.parents for path in asked) and left_out():
        terminalreporter.write_line("Left out: the browser tests (tests/browser); there is no Chromium here.", yellow=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Commits to a test database do not wait for the disk. Tests that kill a server start one of their own.

    It is dropped in the end, for which nobody may be left in it: not a thread that outlived its test either.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    connection.close()
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(LEAVE)
    connection.close()


@pytest.fixture(scope="session", autouse=True)
def _empty_redis() -> None:
    """Rings of an earlier session must not be heard in this one. A Redis that was given to us is left alone."""
    if not os.environ.get("REDIS_URL"):
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.flushdb()
