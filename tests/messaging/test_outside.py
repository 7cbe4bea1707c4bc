"""Handlers that leave the process: intent first, no transaction during the call, results only while the lease is ours."""

import threading
import time
from uuid import UUID

import pytest
from django.db import connection

from shop.contracts.fulfilment.inventory import ReleaseInventory
from shop.messaging.bus import execute
from shop.messaging.delivery import leasing, outside
from shop.messaging.delivery.outside import deliver_outside
from shop.messaging.handlers import Call, Outside
from shop.messaging.models import Delivery
from shop.messaging.sweeper import give_back_leases
from shop.messaging.switchboard import Switchboard
from tests.boards import using
from tests.messaging.tools import make_due, only_route, run_threads, send_releases, statuses

pytestmark = pytest.mark.django_db(transaction=True)


class Provider:
    """Somebody outside, with a memory: what was asked, what was recorded, and what goes wrong on demand."""

    def __init__(self) -> None:
        self.asked: list[UUID] = []
        self.recorded: list[UUID] = []
        self.in_transaction: list[bool] = []
        self.failing: set[UUID] = set()
        self.before_answer = threading.Event()
        self.before_answer.set()
        self.settled: set[UUID] = set()

    def handler(self, **how: int) -> Outside:
        return Outside(name="test.provider", prepare=self.prepare, call=self.call, record=self.record, **how)

    def prepare(self, batch):
        return [Call(e, e.message.reservation_id) for e in batch if e.message.reservation_id not in self.settled]

    def call(self, intent):
        self.in_transaction.append(connection.in_atomic_block)
        self.asked.append(intent)
        if len(self.asked) == 1:
            self.before_answer.wait(10)
        if intent in self.failing:
            raise ConnectionError("reset by peer")
        return "ok"

    def record(self, called):
        self.recorded += [c.intent for c in called]


@pytest.fixture
def provider() -> Provider:
    return Provider()


def board(handler: Outside) -> Switchboard:
    return Switchboard(commands={ReleaseInventory: handler}, events={}, queries={})


def test_every_call_is_made_outside_a_transaction_and_recorded(provider):
    with using(board(provider.handler())):
        ids = send_releases(20)
        assert deliver_outside(only_route()) == 20
        assert sorted(provider.asked) == sorted(provider.recorded) == sorted(ids)
        assert not any(provider.in_transaction)
        assert statuses() == {"done": 20}


def test_what_needs_no_call_is_simply_done(provider):
    with using(board(provider.handler())):
        ids = send_releases(3)
        provider.settled = {ids[0]}
        deliver_outside(only_route())
        assert ids[0] not in provider.asked
        assert statuses() == {"done": 3}


def test_one_failing_call_is_counted_and_the_others_are_recorded(provider):
    with using(board(provider.handler())):
        ids = send_releases(5)
        provider.failing = {ids[2]}
        deliver_outside(only_route())
        assert statuses() == {"done": 4, "open": 1}
        for _ in range(4):
            make_due()
            deliver_outside(only_route())
        dead = Delivery.objects.get(status="dead")
        assert dead.attempts == 5
        assert "reset by peer" in dead.error


def test_results_of_a_lease_that_was_lost_are_dropped(provider):
    with using(board(provider.handler())):
        send_releases(1)
        provider.before_answer.clear()
        slow = threading.Thread(target=run_threads, args=(1, lambda: deliver_outside(only_route())))
        slow.start()
        wait_until(lambda: Delivery.objects.filter(status="leased").exists() and provider.asked)
        let_leases_run_out()
        deliver_outside(only_route())
        provider.before_answer.set()
        slow.join()
        assert len(provider.asked) == 2
        assert len(provider.recorded) == 1
        assert statuses() == {"done": 1}


def test_without_the_fence_the_late_result_would_be_recorded_twice(provider, monkeypatch):
    monkeypatch.setattr(outside, "MARK_MINE", leasing.MARK_MINE.replace("lease = %s", "%s IS NOT NULL"))
    with using(board(provider.handler())):
        send_releases(1)
        provider.before_answer.clear()
        slow = threading.Thread(target=run_threads, args=(1, lambda: deliver_outside(only_route())))
        slow.start()
        wait_until(lambda: Delivery.objects.filter(status="leased").exists() and provider.asked)
        let_leases_run_out()
        deliver_outside(only_route())
        provider.before_answer.set()
        slow.join()
        assert len(provider.recorded) == 2


def test_a_waiting_caller_gets_its_answer_after_the_call(provider):
    handler = Outside(
        name="test.provider",
        prepare=provider.prepare,
        call=provider.call,
        record=provider.record,
        answer=lambda envelope: envelope.message,
    )
    with using(board(handler)):
        command = ReleaseInventory(reservation_id=UUID(int=7))
        assert execute(command).reservation_id == UUID(int=7)
        assert provider.recorded == [UUID(int=7)]
        assert statuses() == {"done": 1}


def let_leases_run_out() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_delivery SET leased_until = now() - interval '1 s' WHERE status = 'leased'")
    give_back_leases()
    assert not Delivery.objects.filter(status="leased").exists()


def wait_until(condition, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)
