"""Operators retry, discard and replay mail: with a reason, a trace of before and after, and no effect they did not ask for."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from shop.contracts.fulfilment.inventory import ReleaseInventory
from shop.messaging import operations
from shop.messaging.bus import send, unit_of_work
from shop.messaging.context import acting
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.models import Delivery, OperatorAction
from shop.messaging.switchboard import Switchboard, ordered
from tests.boards import using
from tests.messaging.tools import only_route, send_releases, statuses

pytestmark = pytest.mark.django_db(transaction=True)

REASON = "the handler was fixed"


class Ears:
    """What arrived, and what is refused."""

    heard: list = []
    deaf: set = set()


def release_inventory(command: ReleaseInventory) -> None:
    if command.reservation_id in Ears.deaf:
        raise Refused("no", "Never.")
    Ears.heard.append(command.reservation_id)


SUBSCRIBER = "tests.messaging.test_mailbox_operations.release_inventory"


@pytest.fixture(autouse=True)
def _fresh():
    Ears.heard, Ears.deaf = [], set()
    board = Switchboard(commands={ReleaseInventory: ordered(release_inventory)}, events={}, queries={})
    with using(board), acting("staff:ada"):
        yield


def three_dead() -> list[int]:
    ids = send_releases(5)
    Ears.deaf = set(ids[:3])
    deliver_batch(only_route())
    assert statuses() == {"dead": 3, "done": 2}
    return [*operations.dead().order_by("id").values_list("pk", flat=True)]


def run(*arguments: str) -> str:
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def test_retry_opens_them_with_all_attempts_and_says_what_they_were():
    first, second, third = three_dead()
    assert operations.retry([first, third, 10**9], reason=REASON) == 2
    assert statuses() == {"open": 2, "dead": 1, "done": 2}
    assert set(Delivery.objects.filter(status="open").values_list("attempts", "error", "fingerprint")) == {(0, "", "")}
    trace = OperatorAction.objects.order_by("id")
    assert [(a.actor, a.verb, a.target_id, a.reason) for a in trace] == [
        ("staff:ada", "deliveries.retry", str(first), REASON),
        ("staff:ada", "deliveries.retry", str(third), REASON),
    ]
    assert {(a.before["status"], a.before["attempts"], a.after["status"]) for a in trace} == {("dead", 1, "open")}
    assert operations.retry([first], reason=REASON) == 0, "it is open already"
    assert second == operations.dead().get().pk


def test_discard_lets_go_of_them_and_only_of_dead_ones():
    dead = three_dead()
    done = Delivery.objects.filter(status="done").first()
    assert operations.discard([*dead, done.pk], reason="spam") == 3
    assert statuses() == {"discarded": 3, "done": 2}
    assert operations.retry(dead[:1], reason="I was wrong") == 1
    assert OperatorAction.objects.latest("id").before["status"] == "discarded"


@pytest.mark.parametrize("verb", [operations.retry, operations.discard])
@pytest.mark.parametrize("reason", ["", "   ", "\x00", "x" * 501])
def test_without_a_good_reason_nothing_happens(verb, reason):
    dead = three_dead()
    with pytest.raises(Invalid):
        verb(dead, reason=reason)
    assert statuses() == {"dead": 3, "done": 2}
    assert not OperatorAction.objects.exists()


def test_a_thousand_are_retried_in_as_many_statements_as_three(django_assert_max_num_queries):
    send_releases(1_000)
    Delivery.objects.update(status="dead")
    ids = [*Delivery.objects.values_list("pk", flat=True)]
    with django_assert_max_num_queries(8):
        assert operations.retry(ids, reason=REASON) == 1_000
    assert OperatorAction.objects.count() == 1_000


def test_what_waits_behind_a_dead_one_goes_on_once_that_is_discarded():
    key = uuid4()
    with unit_of_work():
        for _ in range(3):
            send(ReleaseInventory(reservation_id=key))
    Delivery.objects.update(key="one-aggregate")
    Ears.deaf = {key}
    deliver_batch(only_route())
    Ears.deaf = set()
    deliver_batch(only_route())
    assert statuses() == {"dead": 1, "open": 2}, "the later ones wait"
    operations.discard([operations.dead().get().pk], reason="cannot be repaired")
    deliver_batch(only_route())
    assert statuses() == {"discarded": 1, "done": 2}


def test_one_cause_is_one_group():
    three_dead()
    (cause,) = operations.causes()
    assert (cause.count, cause.subscriber) == (3, SUBSCRIBER)
    assert operations.dead(fingerprint=cause.fingerprint, subscriber=SUBSCRIBER).count() == 3
    assert operations.dead(fingerprint="another").count() == 0


def window() -> dict:
    return {"since": timezone.now() - timedelta(hours=1), "until": timezone.now() + timedelta(hours=1)}


def test_replay_delivers_again_what_was_done_or_dead_but_never_what_was_discarded():
    first, *_ = three_dead()
    operations.discard([first], reason="spam")
    Ears.heard, Ears.deaf = [], set()
    messages = operations.replayable(SUBSCRIBER, **window())
    assert len(messages) == 5
    assert Ears.heard == [], "a dry run delivers nothing"
    assert operations.replay(SUBSCRIBER, messages, reason="rebuild") == 4
    deliver_batch(only_route())
    assert len(Ears.heard) == 4
    assert statuses() == {"discarded": 1, "done": 4}
    action = OperatorAction.objects.latest("id")
    assert (action.verb, action.target_id, action.after) == ("deliveries.replay", SUBSCRIBER, {"count": 4})


def test_replay_looks_only_at_its_window_and_refuses_to_do_half():
    send_releases(3)
    past = timezone.now() - timedelta(days=3)
    assert operations.replayable(SUBSCRIBER, since=past, until=past + timedelta(days=1)) == []
    assert operations.replayable(SUBSCRIBER, **window(), key="nobody's") == []
    with pytest.raises(Refused):
        operations.replayable(SUBSCRIBER, **window(), limit=2)


def test_an_unknown_subscriber_is_said_to_be_unknown():
    with pytest.raises(Invalid):
        operations.replayable("no.such.one", **window())
    with pytest.raises(Missing):
        operations.replay("no.such.one", [], reason=REASON)


def test_the_command_lists_causes_and_counts_before_it_changes():
    three_dead()
    (cause,) = operations.causes()
    assert cause.fingerprint in run("deliveries", "list")
    assert run("deliveries", "list", "--fingerprint", cause.fingerprint).count(SUBSCRIBER) == 3
    assert "3 deliveries: nothing changed" in run("deliveries", "retry", "--all", "--dry-run")
    assert statuses()["dead"] == 3
    assert "3 deliveries will be delivered again" in run(
        "deliveries", "retry", "--fingerprint", cause.fingerprint, "--reason", REASON, "--actor", "grace"
    )
    assert OperatorAction.objects.latest("id").actor == "staff:grace"
    assert "no dead deliveries" in run("deliveries", "list")


def test_the_command_replays_and_refuses():
    three_dead()
    assert "5 messages: nothing changed" in run("deliveries", "replay", SUBSCRIBER, "--dry-run")
    assert "5 messages will be delivered again" in run("deliveries", "replay", SUBSCRIBER, "--reason", REASON)
    for wrong in (
        ["retry"],
        ["discard", "1"],
        ["replay", SUBSCRIBER],
        ["replay", "x"],
        ["replay", SUBSCRIBER, "--since", "soon"],
    ):
        with pytest.raises(CommandError):
            run("deliveries", *wrong)
