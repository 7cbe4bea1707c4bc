from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from pytest_django.plugin import DjangoDbBlocker

from config.sandbox import Sandbox
from tests.faults.live import Live
from tests.faults.tools import Shop


@pytest.fixture
def shop(transactional_db: None, tmp_path: Path) -> Iterator[Shop]:
    """An open shop with providers that answer."""
    with Sandbox() as sandbox:
        yield Shop(sandbox, tmp_path)


@pytest.fixture(scope="session")
def test_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """There is a test database, also when no chosen test asks pytest-django for one."""
    if str(connection.settings_dict["NAME"]).startswith("test_"):
        yield
        return
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="module")
def database(test_database: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database kept from test to test, because processes of the module's own work on it all the time."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def live(database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The whole shop as processes, shared by the tests of one module."""
    with Live(tmp_path_factory.mktemp("live"), settings.REDIS_URL).running() as live:
        yield live
