"""What the mailbox says about itself: metrics, invariants, and how many statements its work costs."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from ordering.checkout.models import CheckoutAttempt
from shop.contracts.fulfilment.inventory import ExpireReservations, ReleaseInventory
from shop.contracts.shopping import CartAbandoned
from shop.messaging import sweeper
from shop.messaging.bus import publish, unit_of_work
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.handlers import in_batches
from shop.messaging.invariants import Violation, run_all
from shop.messaging.metrics import samples
from shop.messaging.models import Delivery, Heartbeat, Message, Subscription, TimetableEntry
from shop.messaging.routing import switchboard
from shop.messaging.sets import fetch_rows
from shop.messaging.subscriptions import note_subscriptions
from shop.messaging.switchboard import Every, Switchboard, route
from tests.boards import using
from tests.messaging.tools import abandoned, make_due, only_route, send_releases, statuses
from tests.ordering.world import a_world, start

pytestmark = pytest.mark.django_db(transaction=True)


@in_batches(50)
def release_inventory(batch) -> None:
    for envelope in batch:
        publish(abandoned(), cause=envelope)


def expire_reservations(command: ExpireReservations) -> None:
    """Does nothing, successfully."""


BOARD = Switchboard(
    commands={
        ReleaseInventory: route(release_inventory, queue="fulfilment"),
        ExpireReservations: route(expire_reservations, queue="fulfilment"),
    },
    events={CartAbandoned: []},
    queries={},
    timetable=[Every(60, ExpireReservations())],
)


def numbers() -> dict[tuple[str, ...], float]:
    """Every sample by its name and label values."""
    return {(s.name, *s.labels.values()): s.value for family in samples() for s in family.samples}


def test_open_leased_and_dead_mail_is_counted_and_its_age_is_the_databases():
    with using(BOARD):
        send_releases(5)
        first, second, third, *_ = Delivery.objects.order_by("id")
        Delivery.objects.filter(pk=first.pk).update(status="dead")
        Delivery.objects.filter(pk=second.pk).update(status="leased", lease=uuid4(), leased_until=F("created_at"))
        Delivery.objects.filter(pk=third.pk).update(subscriber="somebody.of.yesterday")
        Heartbeat.objects.create(process="sweeper@here", role="sweeper")
        found = numbers()
    assert found["shop_mail_open", "fulfilment"] == 2
    assert found["shop_mail_open", "unknown"] == 1
    assert found["shop_mail_leased",] == 1
    assert found["shop_mail_dead", "tests.messaging.test_numbers.release_inventory"] == 1
    assert found["shop_mail_oldest_due_seconds", "fulfilment"] > 0
    assert found["shop_process_heartbeat_age_seconds", "sweeper"] >= 0


def test_an_empty_mailbox_has_zeros_rather_than_gaps():
    with using(BOARD):
        found = numbers()
    assert found["shop_mail_open", "fulfilment"] == found["shop_mail_oldest_due_seconds", "fulfilment"] == 0


def test_sagas_are_counted_by_state_and_their_steps_timed():
    with a_world():
        start()
        CheckoutAttempt.objects.update(outcome="done", finished_at=F("started_at"))
        found = numbers()
    assert found["shop_saga_open", "checkout", "RESERVING_INVENTORY"] == 1
    assert found["shop_saga_open", "checkout", "NEEDS_ATTENTION"] == 0
    assert found["shop_saga_step_tries", "checkout", "ReserveInventory", "done"] == 1
    assert found["shop_saga_step_longest_seconds", "checkout", "ReserveInventory", "done"] == 0


def rules() -> set[str]:
    return {violation.rule for violation in run_all(switchboard().all_invariants())}


def test_mail_that_nobody_fetches_or_that_was_never_addressed_is_a_violation():
    with using(BOARD):
        send_releases(3)
        assert rules() == set()
        late, leased, lost = Delivery.objects.order_by("id")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE messaging_delivery SET due_at = now() - interval '301 s' WHERE id = %s", [late.pk])
            cursor.execute(
                "UPDATE messaging_delivery SET status = 'leased', lease = gen_random_uuid(), "
                "leased_until = now() - interval '301 s' WHERE id = %s",
                [leased.pk],
            )
        Delivery.objects.filter(pk=lost.pk).delete()
        with unit_of_work():
            publish(abandoned())
        assert rules() == {
            "every message has a delivery per subscriber",
            "no mail is older than its budget",
            "no lease outlives its worker",
        }, "an event nobody listens to needs no delivery"


def test_what_was_said_before_anybody_subscribed_had_nobody_to_go_to():
    with using(BOARD):
        send_releases(1)
        Delivery.objects.all().delete()
        assert rules() == {"every message has a delivery per subscriber"}
        Subscription.objects.all().delete()
        note_subscriptions()
        assert rules() == set(), "it is older than the subscription"
        send_releases(1)
        Delivery.objects.all().delete()
        note_subscriptions()
        assert rules() == {"every message has a delivery per subscriber"}, "noting it again does not move its beginning"


def test_the_command_names_what_is_wrong_and_fails():
    output = StringIO()
    with using(BOARD):
        call_command("check_invariants", stdout=output)
    assert output.getvalue() == "0 violations\n"
    wrong = Switchboard(
        commands={}, events={}, queries={}, invariants={"Goods": lambda: [Violation("one of each", "sku-7", "two")]}
    )
    with using(wrong), pytest.raises(CommandError, match="1 violations"):
        call_command("check_invariants", stdout=output)
    assert "one of each: sku-7: two" in output.getvalue()


def test_one_round_of_the_sweeper_says_what_it_did(monkeypatch):
    monkeypatch.setattr(sweeper, "ring", lambda queues: True)
    output = StringIO()
    with using(BOARD):
        send_releases(1)
        call_command("sweep", "--once", stdout=output)
        assert "rang for fulfilment" in output.getvalue()
        for entry in BOARD.all_routes():
            deliver_batch(entry)
        call_command("sweep", "--once", stdout=output)
        assert "no mail is waiting" in output.getvalue()
    assert Message.objects.filter(name="ExpireReservations").count() == 1


def test_a_duty_that_cannot_be_done_does_not_keep_the_sweeper_from_the_others(monkeypatch):
    monkeypatch.setattr(sweeper, "ring", lambda queues: True)
    unserved = Switchboard(
        commands={ReleaseInventory: release_inventory}, events={}, queries={}, timetable=[Every(60, ExpireReservations())]
    )
    with using(unserved):
        send_releases(1)
        assert sweeper.sweep_once(grace=0.0) == ["tests"]
    assert Heartbeat.objects.filter(role="sweeper").exists()
    assert not TimetableEntry.objects.filter(name="ExpireReservations").exists(), "what could not be sent was not sent"


def test_an_idle_sweeper_writes_nothing_but_that_it_is_alive():
    with using(BOARD):
        sweeper.sweep_once()
        for entry in BOARD.all_routes():
            deliver_batch(entry)
        before = versions()
        sweeper.sweep_once()
        after = versions()
    assert {table for table in after if after[table] != before[table]} == {"messaging_heartbeat"}


def versions() -> dict[str, list]:
    """Which transaction wrote each row last, and which one locked it last, per table of the mailbox."""
    tables = ("message", "delivery", "timetableentry", "heartbeat")
    return {f"messaging_{table}": sorted(fetch_rows(f"SELECT xmin::text, xmax::text FROM messaging_{table}")) for table in tables}


def cost_of(size: int) -> int:
    with CaptureQueriesContext(connection) as sending:
        send_releases(size)
    make_due()
    with CaptureQueriesContext(connection) as delivering:
        assert deliver_batch(only_route()) == size
    return len(sending) + len(delivering)


def test_a_batch_of_fifty_costs_the_statements_of_five():
    with using(Switchboard(commands={ReleaseInventory: release_inventory}, events={CartAbandoned: []}, queries={})):
        assert cost_of(50) == cost_of(5)
        assert statuses() == {"done": 55}
        assert Message.objects.filter(name="CartAbandoned").count() == 55
