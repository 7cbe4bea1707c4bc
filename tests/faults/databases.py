"""Another database for the test's own process, so that it can be killed without taking the shared one with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import environ
from django.core.management import call_command
from django.db import connection, connections

WHERE = ("NAME", "USER", "PASSWORD", "HOST", "PORT")


@contextmanager
def pointed_at(url: str) -> Iterator[None]:
    """This process talks to the database at ``url``, migrated, for the length of the block."""
    config = connection.settings_dict
    before = {name: config[name] for name in WHERE}
    connections.close_all()
    config.update({name: value for name, value in environ.Env.db_url_config(url).items() if name in WHERE})
    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield
    finally:
        connections.close_all()
        config.update(before)


def terminate_the_others() -> int:
    """End every other connection to this database, as an administrator might; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])
