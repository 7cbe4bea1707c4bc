"""Asks for every page as a signed-in person would, through the whole request stack in this process, and keeps how long it
took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client

from config.bench.console.reading import Asked, Reading, excesses
from config.bench.console.terms import terms
from config.bench.console.visits import Visit, visits
from config.bench.rates import percentiles
from config.bench.search import backend_seconds
from config.history import Scale, write
from config.settled import settle
from shop.messaging.routing import switchboard
from shop.messaging.sets import fetch_rows

TARGET_ORDERS: Final = 1_000_000
TARGET_MESSAGES: Final = 3_000_000
NAME: Final = "bench-operator"
HOST: Final = "127.0.0.1"


class Broken(Exception):
    """The past breaks an invariant, so its figures do not count."""


@dataclass(frozen=True, slots=True)
class Took:
    """One kind of look, in milliseconds: waiting, CPU of this process and of Postgres (``None`` where that cannot be told),
    statements of
    one request, the slowest of them, and what read too much."""

    screen: str
    what: str
    address: str
    p50: float
    p95: float
    longest: float
    cpu: float
    cpu_postgres: float | None
    statements: int
    slowest: float
    slowest_statement: str
    excesses: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """All looks in a shop with so long a past; ``checks`` are the invariants and the seconds each took."""

    orders: int
    messages: int
    requests: int
    took: list[Took]
    checks: list[tuple[str, float]] = field(default_factory=list)

    @property
    def slowest(self) -> float | None:
        """The p95 of the slowest visit, in milliseconds; ``None`` below the size that the target speaks of."""
        return max(one.p95 for one in self.took) if self.at_target_size else None

    @property
    def at_target_size(self) -> bool:
        """Whether the past is as long as the target asks for."""
        return self.orders >= TARGET_ORDERS and self.messages >= TARGET_MESSAGES

    @property
    def excesses(self) -> int:
        """Visits that read too much."""
        return sum(bool(one.excesses) for one in self.took)


def measure(*, orders: int, messages: int, requests: int, tell: Callable[[str], None]) -> Pages:
    """Writes a past into an empty shop, looks at every page ``requests`` times and checks every invariant. Raises ``Broken``."""
    write(Scale(orders, messages), tell)
    pages = look(requests=requests, tell=tell)
    for name, check in switchboard().all_invariants().items():
        started = time.perf_counter()
        if violations := list(check()):
            raise Broken(f"{violations[0].rule}: {violations[0].subject} {violations[0].detail}, of {len(violations)}")
        pages.checks.append((name, time.perf_counter() - started))
    return pages


def look(*, requests: int, tell: Callable[[str], None]) -> Pages:
    """Looks at every page of the shop as it is."""
    client = signed_in()
    settle()  # as every process does that serves these pages
    took = []
    for visit in visits(terms()):
        took.append(_took(client, visit, requests))
        if took[-1].excesses or took[-1].p95 > 300:
            tell(f"{took[-1].screen}, {took[-1].what}: p95 {took[-1].p95:.0f} ms")
    ((orders, messages),) = fetch_rows("SELECT (SELECT count(*) FROM ordering_order), (SELECT count(*) FROM messaging_message)")
    return Pages(orders, messages, requests, took)


def signed_in() -> Client:
    """Somebody who may see everything, signed in."""
    users = get_user_model().objects
    person = users.filter(username=NAME).first() or users.create_superuser(username=NAME, password=None)
    client = Client(HTTP_HOST=HOST)
    client.force_login(person)
    return client


def _took(client: Client, visit: Visit, requests: int) -> Took:
    if visit.last_page:
        visit = _last(client, visit)
    client.get(visit.address(0))  # warm
    times, before, own = [], backend_seconds(), time.process_time()
    for number in range(requests):
        started = time.perf_counter()
        answer = client.get(visit.address(number))
        times.append((time.perf_counter() - started) * 1_000)
        assert answer.status_code == 200, f"{visit.address(number)} answered {answer.status_code}"
    own, after = time.process_time() - own, backend_seconds()
    with _listening() as asked:
        client.get(visit.address(0))
    slowest = max(asked, key=lambda one: one.milliseconds, default=Asked("", None, 0.0))
    p50, p95 = percentiles(times)
    with transaction.atomic():
        found = excesses(asked)
        transaction.set_rollback(True)
    return Took(
        screen=visit.screen,
        what=visit.what,
        address=visit.address(0),
        p50=p50,
        p95=p95,
        longest=max(times),
        cpu=own / requests * 1_000,
        cpu_postgres=(after - before) / requests * 1_000 if after is not None and before is not None else None,
        statements=len(asked),
        slowest=slowest.milliseconds,
        slowest_statement=" ".join(slowest.sql.split())[:300],
        excesses=tuple(found),
    )


def _last(client: Client, visit: Visit) -> Visit:
    """The same list, on the last page that its own paging leads to."""
    address = visit.address(0)
    answer: Any = client.get(address)
    pages = answer.context_data["cl"].paginator.num_pages
    return Visit(visit.screen, visit.what, [f"{address}{'&' if '?' in address else '?'}p={pages}"])


@contextmanager
def _listening() -> Iterator[list[Asked]]:
    asked: list[Asked] = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        result = execute(sql, parameters, many, context)
        asked.append(Asked(sql, parameters, (time.perf_counter() - started) * 1_000))
        return result

    with connection.execute_wrapper(note):
        yield asked
