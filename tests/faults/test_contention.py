"""Deadlocks, serialization failures and locks that do not come free: tried again up to three times, and never a 500."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections
from django.db.models.functions import Now
from django.test import Client
from uuid_utils.compat import uuid7

from fulfilment.inventory.models import StockItem
from shop.http.authentication import SERVICE_PREFIX, digest
from shop.http.models import ServiceToken
from shop.messaging.delivery.retrying import TRIES
from tests.faults.live import await_until, one, product_with
from tests.faults.tools import violations
from tests.fulfilment.race import wait_until_blocked
from tests.http.calls import bearer, post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults-contention")]

TOKEN = f"{SERVICE_PREFIX}warehouse"
COUNTED_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
LOCK = "SELECT 1 FROM fulfilment_stockitem WHERE product_id = %s FOR UPDATE"

# A sequence keeps counting whatever is rolled back, so it knows how often the insert was tried.
FAIL_SOME = """
    CREATE SEQUENCE tries;
    CREATE FUNCTION fail_some() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('tries') <= {failures} THEN RAISE EXCEPTION 'could not serialize' USING ERRCODE = '{state}'; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER fail_some BEFORE INSERT ON fulfilment_reservation FOR EACH ROW EXECUTE FUNCTION fail_some();
"""
NEVER_MIND = "DROP TRIGGER fail_some ON fulfilment_reservation; DROP FUNCTION fail_some; DROP SEQUENCE tries"


@pytest.fixture(autouse=True)
def _service() -> None:
    ServiceToken.objects.create(name="warehouse", sha256=digest(TOKEN), scopes=["*"], expires_at=Now() + timedelta(days=1))


def reserve(*products: UUID) -> Any:
    """The answer to one reservation over HTTP."""
    body = {
        "cartId": str(uuid7()),
        "customerId": str(uuid7()),
        "items": [{"productId": str(product), "quantity": 1} for product in products],
    }
    return post(Client(raise_request_exception=False), "/reservations", body, **bearer(TOKEN), Idempotency_Key=str(uuid4()))


def in_another_session(work: Callable[[], Any], setting: str = "") -> tuple[threading.Thread, list[Any]]:
    """Started: ``work()`` on a connection of its own, with this setting; and where its answer will be."""
    answers: list[Any] = []

    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(setting or "SELECT 1")
        answers.append(work())
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, answers


@contextmanager
def inserts_failing(state: str, failures: int) -> Iterator[None]:
    """The first so many inserts of a reservation fail with this SQLSTATE."""
    with connection.cursor() as cursor:
        cursor.execute(FAIL_SOME.format(state=state, failures=failures))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(NEVER_MIND)


def reserved(*products: UUID) -> list[int]:
    return [StockItem.objects.get(product_id=product).reserved for product in products]


def test_two_sessions_in_opposite_order() -> None:
    first, second = sorted([product_with(10), product_with(10)])
    before = one(COUNTED_DEADLOCKS)
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SET LOCAL deadlock_timeout = '60s'")
        cursor.execute(LOCK, [second])
        thread, answers = in_another_session(lambda: reserve(second, first), "SET deadlock_timeout = '2s'")
        wait_until_blocked()
        cursor.execute(LOCK, [first])
        cursor.execute("COMMIT")
    thread.join()

    assert answers[0].status_code == 201, answers[0].content
    await_until(lambda: one(COUNTED_DEADLOCKS) > before)
    assert reserved(first, second) == [1, 1]
    assert violations() == []


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03"])
def test_tried_again_until_it_works(state: str) -> None:
    product = product_with(10)
    with inserts_failing(state, failures=TRIES - 1):
        assert reserve(product).status_code == 201
        assert one("SELECT last_value FROM tries") == TRIES
    assert reserved(product) == [1]
    assert violations() == []


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03"])
def test_tried_three_times_and_then_refused_for_now(state: str) -> None:
    product = product_with(10)
    with inserts_failing(state, failures=1_000):
        answer = reserve(product)
        assert one("SELECT last_value FROM tries") == TRIES
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer["Retry-After"]) >= 1
    assert reserved(product) == [0]
    assert violations() == []


def test_a_lock_that_does_not_come_free() -> None:
    product = product_with(10)
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(LOCK, [product])
        thread, answers = in_another_session(lambda: reserve(product), "SET lock_timeout = '200ms'")
        thread.join()
        cursor.execute("ROLLBACK")
    assert (answers[0].status_code, answers[0].json()["code"]) == (503, "busy")
    assert reserve(product).status_code == 201
    assert reserved(product) == [1]
