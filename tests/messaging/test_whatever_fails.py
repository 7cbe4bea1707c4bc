"""Wherever a delivery fails — reading, preparing, handling, committing — it is counted and parked, and the others go on."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections

from shop.contracts import registry
from shop.contracts.fulfilment.inventory import ExpireReservations, ReleaseInventory
from shop.messaging import sweeper
from shop.messaging.bus import execute, send, unit_of_work
from shop.messaging.delivery import drain as drains
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.delivery.failure import MAX_ATTEMPTS
from shop.messaging.delivery.outside import deliver_outside
from shop.messaging.errors import Refused
from shop.messaging.handlers import Call, Outside, in_batches
from shop.messaging.models import Delivery, Message
from shop.messaging.switchboard import Switchboard, ordered, route
from tests.boards import using
from tests.messaging.tools import make_due, only_route, send_releases, statuses

pytestmark = pytest.mark.django_db(transaction=True)

DANGLING = """
    INSERT INTO messaging_delivery (message_id, subscriber, queue, key, status, attempts, error, fingerprint)
    VALUES (gen_random_uuid(), 'nobody', 'ordering', '', 'done', 0, '', '')
"""


class Bad:
    """Which reservations make a handler fail, and which handlers ran."""

    ids: set[UUID] = set()
    served: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_is_bad() -> None:
    Bad.ids, Bad.served = set(), []


def dangle_if_bad(reservation_id: UUID) -> None:
    """A row whose foreign key the database looks at only when the transaction ends."""
    if reservation_id in Bad.ids:
        with connection.cursor() as cursor:
            cursor.execute(DANGLING)


def release_inventory(command: ReleaseInventory) -> None:
    dangle_if_bad(command.reservation_id)


@in_batches(50)
def release_in_batches(batch):
    for envelope in batch:
        dangle_if_bad(envelope.message.reservation_id)


def busy(command: ReleaseInventory) -> None:
    Bad.served.append("busy")


def waiting(command: ExpireReservations) -> None:
    Bad.served.append("waiting")


def prepare(batch):
    if any(envelope.message.reservation_id in Bad.ids for envelope in batch):
        raise ValueError("this one cannot be prepared")
    return [Call(envelope, envelope.message.reservation_id) for envelope in batch]


def outside(**how) -> Outside:
    return Outside(**{"name": "test.provider", "prepare": prepare, "call": str, "record": lambda called: None, **how})


def board(handler: Callable[..., None] | Outside, **how: bool) -> Switchboard:
    return Switchboard(commands={ReleaseInventory: route(handler, **how)}, events={}, queries={})


def deliver_until_parked(deliver) -> None:
    for _ in range(MAX_ATTEMPTS):
        make_due()
        deliver(only_route())


@pytest.mark.parametrize("handler", [release_inventory, release_in_batches])
def test_what_fails_only_at_the_commit_is_parked_and_the_others_go_on(handler):
    with using(board(handler)):
        ids = send_releases(6)
        Bad.ids = {ids[3]}
        deliver_until_parked(deliver_batch)
        assert statuses() == {"done": 5, "dead": 1}
        assert "foreign key" in Delivery.objects.get(status="dead").error


@pytest.mark.parametrize("deliver", [deliver_batch, deliver_outside])
def test_what_breaks_the_reader_is_parked_and_the_others_go_on(deliver, monkeypatch):
    found = registry.find

    def find(name: str, version: str):
        if version == "1.0.9":
            raise KeyError("an upcast that expected another field")
        return found(name, version)

    monkeypatch.setattr("shop.messaging.delivery.reading.find", find)
    with using(board(release_in_batches if deliver is deliver_batch else outside())):
        send_releases(4)
        Message.objects.filter(pk=Message.objects.order_by("id")[1].pk).update(version="1.0.9")
        deliver_until_parked(deliver)
        assert statuses() == {"done": 3, "dead": 1}


def test_one_that_cannot_be_prepared_is_parked_and_the_others_are_called():
    with using(board(outside())):
        ids = send_releases(6)
        Bad.ids = {ids[2]}
        deliver_until_parked(deliver_outside)
        assert statuses() == {"done": 5, "dead": 1}
        dead = Delivery.objects.get(status="dead")
        assert dead.attempts == MAX_ATTEMPTS
        assert "cannot be prepared" in dead.error


def test_an_unreadable_one_for_outside_is_parked_and_the_others_are_called():
    with using(board(outside())):
        send_releases(3)
        first = Message.objects.order_by("id")[0]
        Message.objects.filter(pk=first.pk).update(payload={"reservationId": 12})
        deliver_outside(only_route())
        assert statuses() == {"done": 2, "dead": 1}


def test_a_worker_that_dies_again_and_again_over_one_call_parks_it():
    with using(board(outside())):
        send_releases(1)
        Delivery.objects.update(attempts=MAX_ATTEMPTS - 1)
        lose_the_lease()
        assert statuses() == {"open": 1}
        Delivery.objects.update(attempts=MAX_ATTEMPTS)
        lose_the_lease()
        dead = Delivery.objects.get()
        assert dead.status == "dead"
        assert dead.fingerprint
        assert "did not come back" in dead.error


def lose_the_lease() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_delivery SET status = 'leased', lease = gen_random_uuid(), leased_until = now() - interval '1 s'"
        )
    sweeper.give_back_leases()


def test_a_refusal_to_a_waiting_caller_leaves_nothing_behind_that_would_be_carried_out_later():
    def refuse(batch):
        raise Refused("closed", "Not today.")

    with using(board(outside(prepare=refuse))):
        with pytest.raises(Refused):
            execute(ReleaseInventory(reservation_id=uuid4()))
        assert not Message.objects.exists()
        assert statuses() == {}


def test_no_drainer_can_take_what_a_caller_waits_for():
    seen_by_others: list[int] = []

    def look() -> None:
        try:
            seen_by_others.append(Message.objects.count())
        finally:
            connections.close_all()

    def prepare_and_look(batch):
        other = threading.Thread(target=look)
        other.start()
        other.join()
        return prepare(batch)

    with using(board(outside(prepare=prepare_and_look))):
        execute(ReleaseInventory(reservation_id=uuid4()))
        assert seen_by_others == [0]
        assert statuses() == {"done": 1}


BOTH = Switchboard(
    commands={ReleaseInventory: route(busy, queue="ordering"), ExpireReservations: route(waiting, queue="ordering")},
    events={},
    queries={},
)


def test_a_backlog_of_one_subscriber_does_not_starve_the_others_of_its_queue(monkeypatch):
    monkeypatch.setattr(drains, "ring", lambda queues: True)
    monkeypatch.setattr(drains, "SHARE_SECONDS", 0.0)
    with using(BOTH):
        send_releases(200)
        with unit_of_work():
            send(ExpireReservations())
        drains.drain("ordering", budget=60.0)
        assert Bad.served.index("waiting") == 50
        assert statuses() == {"done": 201}


def test_a_subscriber_that_takes_the_whole_budget_is_not_the_first_next_time(monkeypatch):
    """The clock goes on by a second with every message that is dealt with."""
    monkeypatch.setattr(drains, "ring", lambda queues: True)
    monkeypatch.setattr(drains, "time", SimpleNamespace(monotonic=lambda: float(len(Bad.served))))
    with using(BOTH):
        send_releases(200)
        with unit_of_work():
            send(ExpireReservations())
        drains.drain("ordering", budget=5.0)
        assert Bad.served == ["busy"] * 50
        drains.drain("ordering", budget=5.0)
        assert Bad.served[50] == "waiting"


def test_an_ordered_subscriber_goes_on_with_other_keys_when_a_batch_fails():
    with using(Switchboard(commands={ReleaseInventory: ordered(release_inventory)}, events={}, queries={})):
        ids = send_releases(5)
        Bad.ids = {ids[0]}
        deliver_batch(only_route())
        assert statuses() == {"done": 4, "open": 1}
