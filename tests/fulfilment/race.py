"""Threads with connections of their own that start together, and nets that are taken away to see that they held."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, connections

TABLES = "fulfilment_stockitem, fulfilment_stockmovement, fulfilment_reservation, fulfilment_reservationline"


def at_once(work: Sequence[Callable[[], object]]) -> list[object]:
    """Each of ``work`` in a thread of its own, all started together: what each returned, or the exception it raised."""
    together = threading.Barrier(len(work))
    results: list[object] = [None] * len(work)

    def run(place: int) -> None:
        together.wait()
        try:
            results[place] = work[place]()
        except Exception as error:  # noqa: BLE001 — told to the test, which decides
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def wait_until_blocked() -> None:
    """Return once another connection of this database waits for a lock."""
    for _ in range(500):
        with connection.cursor() as cursor:
            # Within one transaction the activity is read once and remembered.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits for a lock")


@contextmanager
def without(*constraints: str) -> Iterator[None]:
    """The database without these constraints. Afterwards the stock tables are empty and the constraints are back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = ANY(%s)",
            [list(constraints)],
        )
        found = cursor.fetchall()
        assert len(found) == len(constraints)
        for name, table, _ in found:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {TABLES}")
            for name, table, definition in found:
                cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
