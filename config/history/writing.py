"""Writes a past into an empty shop, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from typing import Any, Final

from django.db import DatabaseError, connection, transaction

from config.history import cases, catalogue, deeds, dispatch, mail, money, opinions, ordering, outside, people, shopping, stock
from config.history.bulk import bare
from config.history.chance import functions
from config.history.scale import Scale
from ordering.orders.confirmation import confirmation_number
from shop.messaging.sets import fetch_rows, run

DEPARTMENTS: Final = (catalogue, people, shopping, ordering, stock, money, dispatch, opinions, mail, outside, deeds)
TABLES: Final = tuple(table for department in DEPARTMENTS for table in department.TABLES)
LONG: Final = 20_000  # orders; from here on building an index at once is cheaper than keeping it up
THERE: Final = "SELECT EXISTS (SELECT 1 FROM ordering_order) OR EXISTS (SELECT 1 FROM catalog_product WHERE sku LIKE 'PAST-%%')"
# The shop's own series, so that no order to come meets a number of the past.
ALLOT: Final = """
    SELECT nextval(pg_get_serial_sequence('ordering_confirmationseries', 'id')) FROM generate_series(1, %s)
"""
# Every table reads the cases again. A session that has used a temporary table before keeps what it had.
CASES_IN_MEMORY: Final = "SET LOCAL temp_buffers = '512MB'"
MEMORY: Final = ("SET LOCAL work_mem = '256MB'", "SET LOCAL maintenance_work_mem = '512MB'", "SET LOCAL statement_timeout = 0")


class NotEmpty(Exception):
    """There is a past already. It is written into a shop without orders only, so that nobody takes it for what happened."""


def write(scale: Scale, tell: Callable[[str], None]) -> None:
    """All of it or nothing. Raises ``NotEmpty`` when the shop has orders."""
    if fetch_rows(THERE)[0][0]:
        raise NotEmpty("This shop has orders. A past is written into an empty one.")
    words: dict[str, Any] = {**scale.parameters(), **mail.words()}
    for module in (catalogue, people, cases, ordering):
        words |= module.WORDS
    with transaction.atomic():
        with suppress(DatabaseError), transaction.atomic():
            run(CASES_IN_MEMORY)
        for statement in (*MEMORY, *functions(connection.pg_version)):  # type: ignore[attr-defined]
            run(statement)
        with bare(TABLES) if scale.orders >= LONG else nullcontext():
            for what, statements in _parts(scale, tell):
                tell(f"writing {what} …")
                for statement in statements:
                    run(statement, words)
            tell("making indexes and foreign keys again …")
    tell("VACUUM ANALYZE …")
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")
        if scale.orders >= LONG:
            cursor.execute("CHECKPOINT")


def _parts(scale: Scale, tell: Callable[[str], None]) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from catalogue.PARTS
    yield from people.PARTS
    tell("allotting confirmation numbers …")
    _allot(scale.cases)
    yield from cases.PARTS
    for department in (shopping, ordering, stock, money, dispatch, opinions, mail, outside, deeds):
        yield from department.PARTS


def _allot(count: int) -> None:
    run(cases.NUMBER)
    with connection.cursor() as cursor:
        numbers = [confirmation_number(series) for (series,) in fetch_rows(ALLOT, [count])]
        with cursor.copy("COPY past_number FROM STDIN") as copy:
            for n, number in enumerate(numbers, 1):
                copy.write_row((n, number))
    run("ANALYZE past_number")
