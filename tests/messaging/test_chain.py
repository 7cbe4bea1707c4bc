"""Who acted and what led to what: carried from the front door into every message of the flow."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from shop.contracts.fulfilment.inventory import ReleaseInventory
from shop.contracts.shopping import CartAbandoned
from shop.messaging.audit import record_action
from shop.messaging.bus import execute, publish, send, unit_of_work
from shop.messaging.context import acting, current_actor, current_correlation
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.envelope import Origin
from shop.messaging.errors import Invalid, NoTransaction
from shop.messaging.handlers import in_batches
from shop.messaging.models import Message, OperatorAction
from shop.messaging.outgoing import cause_within
from shop.messaging.switchboard import Switchboard, route
from tests.boards import using
from tests.messaging.tools import abandoned, make_due, statuses

pytestmark = pytest.mark.django_db(transaction=True)

HEARD: list = []


def release_inventory(command: ReleaseInventory) -> None:
    publish(abandoned())


@in_batches(10)
def hear(batch) -> None:
    HEARD.extend(batch)


@pytest.fixture(autouse=True)
def board():
    HEARD.clear()
    with using(
        Switchboard(
            commands={ReleaseInventory: route(release_inventory, queue="fulfilment")},
            events={CartAbandoned: [route(hear, queue="ordering")]},
            queries={},
        )
    ) as both:
        yield both


def deliver_all(board: Switchboard) -> None:
    while sum(deliver_batch(entry) for entry in board.all_routes()):
        pass


@pytest.mark.parametrize("waiting", [True, False])
def test_everything_a_request_sets_off_is_one_chain_of_one_actor(board, waiting):
    with acting("customer:7") as chain:
        if waiting:
            execute(ReleaseInventory(reservation_id=uuid4()))
        else:
            with unit_of_work():
                send(ReleaseInventory(reservation_id=uuid4()))
    with acting("system"):
        deliver_all(board)
    command, event = Message.objects.order_by("id")
    assert (command.causation_id, event.causation_id) == (None, command.pk)
    assert {command.correlation_id, event.correlation_id} == {chain}
    assert {command.actor, event.actor} == {"customer:7"}
    (envelope,) = HEARD
    assert (envelope.id, envelope.causation_id, envelope.correlation_id, envelope.actor) == (
        event.pk,
        command.pk,
        chain,
        "customer:7",
    )
    assert (envelope.attempt, envelope.message.message_name()) == (1, "CartAbandoned")


def test_each_message_of_a_batch_is_the_cause_of_what_it_led_to(board):
    with unit_of_work():
        commands = [send(ReleaseInventory(reservation_id=uuid4())) for _ in range(3)]
    deliver_all(board)
    events = Message.objects.filter(name="CartAbandoned").order_by("id")
    assert [event.causation_id for event in events] == commands
    assert [event.correlation_id for event in events] == commands, "outside any chain each message opens its own"


def test_a_fact_may_open_a_chain_of_its_own_and_still_name_its_cause():
    origin, chain = Origin(correlation_id=uuid4(), actor="staff:ada", id=uuid4()), uuid4()
    with unit_of_work(cause=origin), unit_of_work():
        publish(abandoned(), cause=cause_within(chain))
    said = Message.objects.get()
    assert (said.correlation_id, said.causation_id, said.actor) == (chain, origin.id, "staff:ada")
    with unit_of_work():
        assert cause_within(chain) is None


def test_acting_is_over_when_it_is_over():
    assert (current_actor(), current_correlation()) == ("system", None)
    with acting("staff:ada", UUID(int=5)) as chain:
        assert (current_actor(), current_correlation(), chain) == ("staff:ada", UUID(int=5), UUID(int=5))
        with pytest.raises(KeyError), acting("staff:grace"):
            raise KeyError
        assert (current_actor(), current_correlation()) == ("staff:ada", UUID(int=5))
    assert (current_actor(), current_correlation()) == ("system", None)


def test_what_is_due_later_waits_and_what_is_due_now_does_not_wait_for_it(board):
    with unit_of_work():
        late = send(ReleaseInventory(reservation_id=uuid4()), due_at=timezone.now() + timedelta(hours=1))
        send(ReleaseInventory(reservation_id=uuid4()))
    deliver_all(board)
    assert statuses() == {"open": 1, "done": 2}
    make_due()
    deliver_all(board)
    assert statuses() == {"done": 4}
    assert Message.objects.filter(causation_id=late).exists()


def test_an_action_and_its_trace_exist_together_or_not_at_all():
    how = {"verb": "order.release", "target_type": "order", "target_id": UUID(int=1)}
    with pytest.raises(NoTransaction):
        record_action(**how, reason="checked")
    with unit_of_work(), pytest.raises(Invalid):
        record_action(**how, reason=" ")
    with unit_of_work():
        record_action(**how, reason="checked")
        transaction.set_rollback(True)
    assert not OperatorAction.objects.exists()
    with acting("staff:ada") as chain, unit_of_work():
        record_action(**how, reason=" checked\x00 ", before={"state": "ON_HOLD"}, after={"state": "CONFIRMED"})
    row = OperatorAction.objects.get()
    assert (row.actor, row.correlation_id, row.reason, row.target_id) == ("staff:ada", chain, "checked", str(UUID(int=1)))
    assert (row.before, row.after) == ({"state": "ON_HOLD"}, {"state": "CONFIRMED"})
