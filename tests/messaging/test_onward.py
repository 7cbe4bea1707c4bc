"""Mail that travels alone: hop after hop in the transaction that said it, and never less safe than mail that waits."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test.utils import CaptureQueriesContext

from shop.contracts.fulfilment.inventory import ConsumeReservation, ReleaseInventory
from shop.contracts.shopping import CartAbandoned
from shop.messaging.bus import publish, send, unit_of_work
from shop.messaging.delivery.drain import drain
from shop.messaging.doorbell import listening
from shop.messaging.handlers import Call, Called, Outside, in_batches
from shop.messaging.models import Delivery, Message
from shop.messaging.switchboard import Switchboard, ordered, route
from tests.boards import using
from tests.messaging.tools import abandoned, make_due, send_releases, statuses

pytestmark = pytest.mark.django_db(transaction=True)

EVERYWHERE = ("fulfilment", "ordering", "gateways")
IN_TRANSACTION_OF: dict[str, list[int]] = {}
CALLED: list[str] = []
FAILING: list[Exception] = []


def note(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        IN_TRANSACTION_OF.setdefault(name, []).append(cursor.fetchone()[0])


@in_batches(50)
def release_inventory(batch) -> None:
    note("release")
    for envelope in batch:
        publish(abandoned(), cause=envelope)


@in_batches(50)
def hear(batch) -> None:
    note("hear")
    if FAILING:
        raise FAILING.pop()
    for envelope in batch:
        send(ConsumeReservation(reservation_id=uuid4(), order_id=uuid4()), cause=envelope)


def prepare(batch) -> list[Call]:
    note("prepare")
    return [Call(envelope, "intent") for envelope in batch]


def record(called: list[Called]) -> None:
    note("record")
    CALLED.extend(str(item.result) for item in called)


OUTSIDE = Outside("tests.consume", prepare=prepare, call=lambda intent: f"done {intent}", record=record)


@pytest.fixture(autouse=True)
def board() -> Iterator[Switchboard]:
    IN_TRANSACTION_OF.clear()
    CALLED.clear()
    FAILING.clear()
    made = Switchboard(
        commands={ReleaseInventory: route(release_inventory, queue="fulfilment"), ConsumeReservation: route(OUTSIDE)},
        events={CartAbandoned: [route(hear, queue="ordering")]},
        queries={},
    )
    with using(made) as both:
        yield both


def transactions(*names: str) -> set[int]:
    return {number for name in names for number in IN_TRANSACTION_OF[name]}


def release(count: int = 1) -> None:
    with listening():
        send_releases(count)


def test_all_hops_and_the_lease_share_one_transaction_and_the_answer_has_its_own() -> None:
    release()
    drain("fulfilment", follow=EVERYWHERE)
    assert len(transactions("release", "hear", "prepare")) == 1
    assert len(transactions("record")) == 1
    assert CALLED == ["done intent"]
    assert statuses() == {"done": 3}
    first, second, third = Message.objects.order_by("id")
    assert (second.causation_id, third.causation_id) == (first.id, second.id)
    assert {message.correlation_id for message in (first, second, third)} == {first.correlation_id}


def test_one_transaction_less_per_hop() -> None:
    release()
    with CaptureQueriesContext(
        connection,
    ) as alone:
        drain("fulfilment", follow=EVERYWHERE)
    release()
    with CaptureQueriesContext(connection) as hop_by_hop:
        for queue in EVERYWHERE:
            drain(queue)
    commits = [sum(query["sql"] == "COMMIT" for query in run.captured_queries) for run in (alone, hop_by_hop)]
    assert commits == [2, 4]


def test_a_queue_that_others_serve_gets_its_mail_as_ever() -> None:
    release()
    drain("fulfilment", follow=("fulfilment", "gateways"))
    assert statuses() == {"done": 1, "open": 1}
    drain("ordering")
    assert statuses() == {"done": 2, "open": 1}


def test_many_keep_to_their_batches() -> None:
    release(20)
    drain("fulfilment", follow=EVERYWHERE)
    assert len(transactions("release", "hear", "prepare")) == 3
    assert statuses() == {"done": 60}


def test_a_hop_that_fails_is_mail_that_failed_and_what_came_before_it_stands() -> None:
    FAILING.extend(ValueError("not today") for _ in ("as a hop", "as a batch", "alone"))
    release()
    drain("fulfilment", follow=EVERYWHERE)
    assert statuses() == {"done": 1, "open": 1}
    waiting = Delivery.objects.get(status="open")
    assert waiting.attempts == 1
    assert "not today" in waiting.error
    make_due()
    drain("ordering", follow=EVERYWHERE)
    assert statuses() == {"done": 3}


def test_a_deadlock_on_the_way_runs_everything_again_hop_by_hop() -> None:
    class Deadlock(Exception):
        sqlstate = "40P01"

    FAILING.append(OperationalError("deadlock detected"))
    FAILING[0].__cause__ = Deadlock()
    release()
    drain("fulfilment", follow=EVERYWHERE)
    assert statuses() == {"done": 3}
    assert Message.objects.filter(name="CartAbandoned").count() == 1
    assert not transactions("release") >= transactions("hear")


def test_an_ordered_subscriber_is_never_jumped_to(board: Switchboard) -> None:
    with using(
        Switchboard(
            commands={ReleaseInventory: route(release_inventory, queue="fulfilment"), ConsumeReservation: route(OUTSIDE)},
            events={CartAbandoned: [ordered(hear, queue="ordering")]},
            queries={},
        )
    ):
        release()
        drain("fulfilment", follow=EVERYWHERE)
        assert len(transactions("release", "hear")) == 2
        assert statuses() == {"done": 3}


def test_what_is_due_later_waits() -> None:
    def later(batch) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT now() + interval '1 hour'")
            (then,) = cursor.fetchone()
        send(ConsumeReservation(reservation_id=uuid4(), order_id=uuid4()), due_at=then)

    with using(
        Switchboard(
            commands={
                ReleaseInventory: route(in_batches(5)(later), queue="fulfilment"),
                ConsumeReservation: route(OUTSIDE),
            },
            events={CartAbandoned: []},
            queries={},
        )
    ):
        with unit_of_work():
            send(ReleaseInventory(reservation_id=uuid4()))
        drain("fulfilment", follow=EVERYWHERE)
        assert statuses() == {"done": 1, "open": 1}
