"""Deadlocks, serialization failures and lock time-outs are nobody's fault: the transaction is simply run again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

T = TypeVar("T")

TRIES = 3
# deadlock_detected, serialization_failure, lock_not_available
TRANSIENT = frozenset({"40P01", "40001", "55P03"})


def sqlstate(error: BaseException | None) -> str:
    """The five-letter SQLSTATE behind this exception or the one that caused it; empty when it is not the database's."""
    while error is not None:
        state = getattr(error, "sqlstate", None)
        if state:
            return str(state)
        error = error.__cause__
    return ""


def database_is_gone(error: BaseException | None) -> bool:
    """Whether the server is to blame (restarted, backend terminated, out of disk, memory or connections) and not a statement."""
    state = sqlstate(error)
    broken = isinstance(error, OperationalError | InterfaceError) and (state == "" or state[:2] in {"08", "53", "57"})
    return broken and state != "57014"  # a cancelled statement is the statement's fault


def retrying(work: Callable[[], T], *, pause: Callable[[float], None] = time.sleep) -> T:
    """``work()``, run again up to three times when the database asked for it. Not inside another transaction: that one
    would have to be run again too, so there the error simply goes up."""
    for attempt in range(1, TRIES + 1):
        try:
            return work()
        except Exception as error:
            if connection.in_atomic_block or sqlstate(error) not in TRANSIENT or attempt == TRIES:
                raise
            pause(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311
    raise AssertionError("unreachable")
