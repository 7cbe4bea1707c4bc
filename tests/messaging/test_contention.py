"""Sessions in each other's way: asked again by the database, work is done again, once. And what guards against doing it twice."""

import threading
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, connections

from shop.contracts.fulfilment.inventory import ReleaseInventory
from shop.messaging import outgoing
from shop.messaging.bus import send, unit_of_work
from shop.messaging.delivery import claim
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.delivery.retrying import TRIES, retrying, sqlstate
from shop.messaging.handlers import in_batches
from shop.messaging.models import Message, TimetableEntry
from shop.messaging.sets import fetch_rows, run
from shop.messaging.switchboard import Switchboard, route
from tests.boards import using
from tests.messaging.tools import only_route, run_threads, send_releases, statuses

pytestmark = pytest.mark.django_db(transaction=True)

TOUCH = "UPDATE messaging_timetableentry SET last_sent_at = last_sent_at + interval '1 day' WHERE name = %s"


class Door:
    """A handler that lets a test look around while it is at work."""

    def __init__(self) -> None:
        self.seen: list = []
        self.inside, self.go_on = threading.Event(), threading.Event()
        self.inside.clear()

    def take(self, batch) -> None:
        self.seen += [envelope.message.reservation_id for envelope in batch]
        if not self.inside.is_set():
            self.inside.set()
            self.go_on.wait(20)


door = Door()


@in_batches(50)
def release_inventory(batch) -> None:
    door.take(batch)


def board(**how: bool) -> Switchboard:
    return Switchboard(commands={ReleaseInventory: route(release_inventory, queue="ordering", **how)}, events={}, queries={})


@pytest.fixture(autouse=True)
def _fresh():
    door.__init__()


@pytest.fixture
def rows():
    for name in ("a", "b"):
        TimetableEntry.objects.create(name=name, last_sent_at="2026-01-01T00:00:00Z")


def moved() -> list[int]:
    return [entry.last_sent_at.day - 1 for entry in TimetableEntry.objects.order_by("name")]


def both_at_once(prepare: str, first_then_second) -> list[str]:
    """Two sessions that meet after their first statement on their first try; the SQLSTATEs they were turned away with."""
    meet = threading.Barrier(2)
    turned_away: list[str] = []

    def session(first: str, second: str) -> None:
        met = False

        def work() -> None:
            nonlocal met
            try:
                with unit_of_work():
                    run(prepare)
                    first_then_second[0](first)
                    if not met:
                        met = True
                        meet.wait(20)
                    first_then_second[1](second)
                    send(ReleaseInventory(reservation_id=uuid4()))
            except OperationalError as error:
                turned_away.append(sqlstate(error))
                raise

        retrying(work)

    orders = iter([("a", "b"), ("b", "a")])
    run_threads(2, lambda: session(*next(orders)))
    return turned_away


def test_two_sessions_in_opposite_order_both_succeed_once(rows):
    with using(board()):
        touch = lambda name: run(TOUCH, [name])  # noqa: E731
        assert both_at_once("SET LOCAL deadlock_timeout = '50ms'", (touch, touch)) == ["40P01"]
        assert moved() == [2, 2]
        assert Message.objects.count() == 2


def test_a_serialization_failure_is_done_again(rows):
    def look(name: str) -> None:
        fetch_rows("SELECT count(*) FROM messaging_timetableentry")

    with using(board()):
        turned_away = both_at_once("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", (look, lambda name: run(TOUCH, ["a"])))
        assert turned_away == ["40001"]
        assert moved() == [2, 0]
        assert Message.objects.count() == 2


def test_inside_somebody_elses_transaction_nothing_is_tried_again():
    tries: list[int] = []

    class LockNotAvailable(OperationalError):
        sqlstate = "55P03"

    def work() -> None:
        tries.append(1)
        raise LockNotAvailable

    with pytest.raises(OperationalError), unit_of_work():
        retrying(work)
    assert len(tries) == 1
    with pytest.raises(OperationalError):
        retrying(work, pause=lambda seconds: None)
    assert len(tries) == 1 + TRIES


def deliver_while_another_is_at_work() -> int:
    """How many this session is given while another one is inside the handler."""

    def other() -> None:
        try:
            deliver_batch(only_route())
        finally:
            connections.close_all()

    thread = threading.Thread(target=other)
    thread.start()
    try:
        assert door.inside.wait(20)
        return deliver_batch(only_route())
    finally:
        door.go_on.set()
        thread.join()


def test_what_one_drainer_holds_another_does_not_get():
    with using(board()):
        ids = send_releases(3)
        assert deliver_while_another_is_at_work() == 0
        assert sorted(door.seen) == sorted(ids)


def test_without_the_row_lock_it_would(monkeypatch):
    monkeypatch.setattr(claim, "CLAIM", claim.CLAIM.replace("FOR UPDATE OF d SKIP LOCKED", ""))
    with using(board()):
        send_releases(3)
        assert deliver_while_another_is_at_work() == 3
        assert len(door.seen) == 6


def test_without_the_done_mark_mail_would_have_its_effect_again(monkeypatch):
    door.inside.set()
    monkeypatch.setattr(outgoing, "MARK_DONE", outgoing.MARK_DONE + " AND false")
    with using(board()):
        send_releases(3)
        deliver_batch(only_route())
        deliver_batch(only_route())
        assert len(door.seen) == 6
        assert statuses() == {"open": 3}


def test_an_ordered_subscriber_has_one_drainer_and_the_others_do_not_wait_for_it():
    with using(board(ordered=True)):
        ids = send_releases(3)
        assert deliver_while_another_is_at_work() == 0
        assert sorted(door.seen) == sorted(ids)


def test_without_its_lock_they_would(monkeypatch):
    monkeypatch.setattr(claim, "ONLY_DRAINER", "SELECT %s::text IS NOT NULL")
    with using(board(ordered=True)):
        send_releases(3)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        try:
            with pytest.raises(OperationalError) as waited:
                deliver_while_another_is_at_work()
            assert sqlstate(waited.value) == "55P03"
        finally:
            connection.close()
