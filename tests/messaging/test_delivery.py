"""Mail is delivered exactly once, in batches, and one bad letter never stops the others."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from shop.contracts.fulfilment.inventory import ReleaseInventory
from shop.contracts.shopping import CartAbandoned
from shop.messaging.bus import publish, send, unit_of_work
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.errors import NoTransaction, Refused
from shop.messaging.handlers import in_batches
from shop.messaging.models import Delivery, Message
from shop.messaging.switchboard import Switchboard, ordered, route
from tests.boards import using
from tests.messaging.tools import make_due, only_route, run_threads, send_releases, statuses

pytestmark = pytest.mark.django_db(transaction=True)


class Recorder:
    """Keeps what it was handed, and fails for the ids it is told to fail for."""

    def __init__(self) -> None:
        self.seen: list[UUID] = []
        self.poison: set[UUID] = set()
        self.batches: list[int] = []

    def take(self, ids: Sequence[UUID]) -> None:
        """Remember ``ids``; raise if one of them is poison."""
        if self.poison & set(ids):
            raise ValueError("this one cannot be stomached")
        self.seen += ids
        self.batches.append(len(ids))


recorder = Recorder()


def release_inventory(command: ReleaseInventory) -> None:
    recorder.take([command.reservation_id])


@in_batches(50)
def release_in_batches(batch):
    recorder.take([envelope.message.reservation_id for envelope in batch])


@pytest.fixture(autouse=True)
def _fresh() -> None:
    recorder.__init__()


def board_for(handler: Callable[..., None], **how: bool) -> Switchboard:
    return Switchboard(commands={ReleaseInventory: route(handler, **how)}, events={}, queries={})


def say_and_fail() -> None:
    with unit_of_work():
        send(ReleaseInventory(reservation_id=uuid4()))
        raise RuntimeError


def test_a_message_outside_a_unit_of_work_is_refused():
    with using(board_for(release_inventory)), pytest.raises(NoTransaction):
        send(ReleaseInventory(reservation_id=uuid4()))


def test_a_unit_that_fails_says_nothing():
    with using(board_for(release_inventory)):
        with pytest.raises(RuntimeError):
            say_and_fail()
        assert not Message.objects.exists()


def test_a_savepoint_that_fails_takes_its_messages_with_it():
    with using(board_for(release_inventory)):
        kept = uuid4()
        with unit_of_work():
            send(ReleaseInventory(reservation_id=kept))
            with pytest.raises(RuntimeError):
                say_and_fail()
        assert [m.payload["reservationId"] for m in Message.objects.all()] == [str(kept)]


def test_a_batch_is_one_call_and_each_message_has_one_effect():
    with using(board_for(release_in_batches)):
        ids = send_releases(50)
        assert deliver_batch(only_route()) == 50
        assert deliver_batch(only_route()) == 0
        assert recorder.batches == [50]
        assert sorted(recorder.seen) == sorted(ids)
        assert statuses() == {"done": 50}


@pytest.mark.parametrize("handler", [release_inventory, release_in_batches])
def test_poison_is_parked_after_five_attempts_and_the_others_go_on(handler):
    with using(board_for(handler)):
        ids = send_releases(20)
        recorder.poison = {ids[7]}
        for _ in range(5):
            deliver_batch(only_route())
            make_due()
        assert set(recorder.seen) >= set(ids) - {ids[7]}
        assert statuses() == {"done": 19, "dead": 1}
        dead = Delivery.objects.get(status="dead")
        assert dead.attempts == 5
        assert "cannot be stomached" in dead.error
        assert dead.fingerprint


def test_a_refusal_is_parked_at_once_because_it_would_be_refused_again():
    def refuse(command: ReleaseInventory) -> None:
        raise Refused("no", "Never.")

    with using(board_for(refuse)):
        send_releases(1)
        deliver_batch(only_route())
        assert Delivery.objects.get().status == "dead"
        assert Delivery.objects.get().attempts == 1


def test_unknown_version_and_malformed_payload_are_parked_not_dropped():
    with using(board_for(release_in_batches)):
        send_releases(3)
        first, second, _ = Message.objects.order_by("id")
        Message.objects.filter(pk=first.pk).update(version="9.0.0")
        Message.objects.filter(pk=second.pk).update(payload={"reservationId": 12})
        deliver_batch(only_route())
        assert statuses() == {"done": 1, "dead": 2}
        errors = set(Delivery.objects.filter(status="dead").values_list("error", flat=True))
        assert any("9.0.0" in error for error in errors)
        assert any("malformed" in error for error in errors)


def test_two_drainers_share_the_mail_without_repeating_any():
    with using(board_for(release_in_batches)):
        ids = send_releases(400)
        run_threads(4, lambda: [deliver_batch(only_route()) for _ in range(20)])
        assert sorted(recorder.seen) == sorted(ids)
        assert statuses() == {"done": 400}


def test_an_ordered_subscriber_waits_for_the_earlier_message_of_the_same_key():
    heard: list[tuple[UUID, int]] = []
    failing: set[int] = set()

    def index(event: CartAbandoned) -> None:
        number = int(str(event.event_id).rsplit("-", 1)[1], 16)
        if number in failing:
            raise ValueError("not yet")
        transaction.on_commit(lambda: heard.append((event.cart_id, number)))

    board = Switchboard(commands={}, events={CartAbandoned: [ordered(index)]}, queries={})
    with using(board):
        one, other = uuid4(), uuid4()
        for number, cart in enumerate([one, other, one, other, one]):
            with unit_of_work():
                publish(abandoned(cart, number))
        failing.add(2)
        deliver_batch(only_route())
        deliver_batch(only_route())
        assert heard == [(one, 0), (other, 1), (other, 3)]
        failing.clear()
        make_due()
        deliver_batch(only_route())
        assert heard == [(one, 0), (other, 1), (other, 3), (one, 2), (one, 4)]


def abandoned(cart: UUID, number: int) -> CartAbandoned:
    return CartAbandoned(event_id=UUID(int=number), occurred_at=datetime.now(UTC), cart_id=cart)
