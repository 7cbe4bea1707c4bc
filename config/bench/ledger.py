"""Commits and statements per flow, by Postgres's own books.

Sessions hand in their figures when they end, so the books are read before the processes under test start and after they have
stopped: warm-up and all. What the driver itself asks in between is one transaction, marked ``/* bench */``. Foreign keys that
Postgres looks after as a transaction ends are on its CPU, but nobody's statements.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from django.db import Error, connection, transaction

from config.bench.rates import Rate
from shop.messaging.sets import fetch_rows

HANDING_IN_SECONDS = 3.0
COMMITS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
STATEMENTS = """
    SELECT COALESCE(sum(calls), 0) FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query NOT LIKE '%%/* bench */%%'
      AND query NOT LIKE '%%FOR KEY SHARE OF x'
"""
OTHERS = """
    SELECT /* bench */ count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
FORGET = "SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = current_database()"


def booked(flows: int, measure: Callable[[], Rate]) -> Rate:
    """``measure()`` with commits and statements for each of ``flows``, warm-up included; it must stop what it starts."""
    counts_statements = start_statements()
    before = commits()
    rate = measure()
    made = commits() - before
    calls = statements() if counts_statements else None
    return replace(rate, commits=made / flows, statements=None if calls is None else calls / flows)


def commits() -> int:
    """Transactions committed in this database so far, this session's included.

    A session that has hung up still needs a moment to hand in its figures, so the others are waited for, though not for long.
    """
    deadline = time.monotonic() + HANDING_IN_SECONDS
    while fetch_rows(OTHERS)[0][0] and time.monotonic() < deadline:
        time.sleep(0.05)
    fetch_rows("SELECT pg_stat_force_next_flush()")
    return int(fetch_rows(COMMITS)[0][0])


def start_statements() -> bool:
    """Start counting from nought; ``False`` where Postgres does not count statements."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            cursor.execute(FORGET)
    except Error:
        return False
    return True


def statements() -> int:
    """Statements run in this database since then, BEGIN and COMMIT included."""
    return int(fetch_rows(STATEMENTS)[0][0])
