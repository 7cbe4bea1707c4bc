"""A saga's run at its edges: odd batches, impossible deadlines, operators at the pivot, and what is said about it."""

import re
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from ordering.checkout.models import CheckoutAttempt, CheckoutSession
from ordering.checkout.saga import Checkout
from shop.contracts.ordering import AuthorizePayment, CheckoutAborted, CreateOrder, ReserveInventory
from shop.contracts.payments import VoidAuthorization
from shop.messaging.context import acting
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.models import Delivery, Heartbeat, Message, OperatorAction
from shop.messaging.saga import operations
from shop.messaging.saga.explain import explain
from shop.messaging.sweeper import sweep_once
from tests.ordering import world as w
from tests.ordering.world import (
    World,
    a_world,
    authorized,
    failed,
    let_patience_end,
    released,
    reserved,
    said,
    say,
    settle,
    start,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    with a_world() as surroundings, acting("staff:ada"):
        yield surroundings


def at_the_pivot(world: World, *, deaf: bool = True) -> CheckoutSession:
    session = start()
    world.orders_are_deaf = deaf
    say(reserved(session))
    say(authorized(session))
    session.refresh_from_db()
    return session


def parked_at_the_pivot(world: World) -> CheckoutSession:
    session = at_the_pivot(world)
    for _ in range(Checkout.steps[2].tries):
        let_patience_end(session)
    assert session.state == "NEEDS_ATTENTION"
    return session


def test_the_last_undo_and_a_late_success_in_one_batch_do_not_wake_what_has_ended(world):
    session = start()
    say(reserved(session))
    say(failed(session))
    say(released(session), authorized(session))
    session.refresh_from_db()
    assert (session.state, session.due_at) == ("ABORTED", None)
    assert world.count(VoidAuthorization) == 1
    assert len(said(CheckoutAborted)) == 1


def test_a_late_success_is_undone_before_the_run_says_that_everything_is(world):
    session = start()
    say(reserved(session))
    say(failed(session))
    say(authorized(session))
    say(released(session))
    session.refresh_from_db()
    assert (session.state, session.undoing) == ("COMPENSATING", ["AuthorizePayment"])
    assert said(CheckoutAborted) == []
    let_patience_end(session)
    assert world.count(VoidAuthorization) == 2, "it is watched like every other undo"
    say(w.voided(session))
    session.refresh_from_db()
    assert (session.state, session.due_at) == ("ABORTED", None)


def test_a_late_success_of_a_parked_run_is_undone_and_the_run_stays_parked(world):
    session = start()
    say(reserved(session))
    say(failed(session))
    for _ in range(Checkout.steps[0].tries):
        let_patience_end(session)
    say(authorized(session))
    session.refresh_from_db()
    assert (session.state, session.due_at) == ("NEEDS_ATTENTION", None)
    assert session.undoing == ["ReserveInventory", "AuthorizePayment"]
    assert world.count(VoidAuthorization) == 1
    say(w.voided(session), released(session))
    session.refresh_from_db()
    assert session.state == "ABORTED"


def test_two_answers_to_one_question_in_one_batch_count_once(world):
    session = start()
    say(reserved(session), reserved(session))
    assert world.count(AuthorizePayment) == 1
    say(failed(session), failed(session))
    session.refresh_from_db()
    assert session.undoing == ["ReserveInventory"]
    assert CheckoutAttempt.objects.filter(undo=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_run_that_cannot_be_moved_is_parked_and_the_others_and_the_sweeper_go_on(world):
    good, bad = start(), start()
    CheckoutSession.objects.filter(pk=bad.pk).update(opening="{}")
    CheckoutSession.objects.update(due_at=F("started_at"))
    sweep_once(grace=0.0)
    settle()
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.state, good.attempt) == ("RESERVING_INVENTORY", 2)
    assert (bad.state, bad.due_at) == ("NEEDS_ATTENTION", None)
    assert "CartCheckedOut" in bad.error
    assert bad.fingerprint
    assert Heartbeat.objects.filter(role="sweeper").exists()


def test_asking_again_for_an_undo_gives_it_all_its_tries(world):
    session = start()
    say(reserved(session))
    say(failed(session))
    for _ in range(Checkout.steps[0].tries):
        let_patience_end(session)
    assert session.state == "NEEDS_ATTENTION"
    operations.retry(Checkout, session.pk, reason="the warehouse is back")
    session.refresh_from_db()
    assert (session.state, session.attempt, session.error) == ("COMPENSATING", 1, "")
    settle()
    say(released(session))
    session.refresh_from_db()
    assert session.state == "ABORTED"
    assert not CheckoutAttempt.objects.filter(record=session, outcome="waiting").exists()


def test_a_pivot_whose_mail_is_long_gone_was_carried_out(world):
    """Retention removed the done command; nothing says any more that the order was created."""
    session = parked_at_the_pivot(world)
    Message.objects.filter(name="CreateOrder").delete()
    for verb in (operations.compensate, operations.abandon):
        with pytest.raises(Refused, match="only go forward"):
            verb(Checkout, session.pk, reason="customer called")
    session.refresh_from_db()
    assert session.state == "NEEDS_ATTENTION"


def test_a_pivot_that_is_being_carried_out_cannot_be_turned_back(world):
    session = parked_at_the_pivot(world)
    Delivery.objects.filter(message__name="CreateOrder").update(status="leased", lease=uuid4(), leased_until=F("created_at"))
    with pytest.raises(Refused, match="being carried out"):
        operations.compensate(Checkout, session.pk, reason="customer called")


def test_skipping_a_step_whose_answer_is_needed_says_what_is_missing(world, monkeypatch):
    session = start()
    demanding = {"ask": lambda record: record.facts["bin"]}
    step = Checkout.steps[1]
    changed = type(step)(**{name: getattr(step, name) for name in step.__slots__} | demanding)
    monkeypatch.setattr(Checkout, "steps", (Checkout.steps[0], changed, Checkout.steps[2]))
    with pytest.raises(Invalid, match="bin"):
        operations.skip(Checkout, session.pk, reason="phoned", evidence="ticket 7")
    session.refresh_from_db()
    assert session.step == 0
    assert not OperatorAction.objects.exists()


@pytest.mark.parametrize("evidence", ["", " ", "\x00", "x" * 501])
def test_evidence_is_something_that_can_be_kept(world, evidence):
    with pytest.raises(Invalid):
        operations.skip(Checkout, start().pk, reason="phoned", evidence=evidence)


def test_an_undo_taken_as_done_ends_the_run(world):
    session = start()
    say(reserved(session))
    say(failed(session))
    operations.skip(Checkout, session.pk, reason="counted by hand", evidence="ticket 7\x00")
    session.refresh_from_db()
    assert (session.state, session.due_at) == ("ABORTED", None)
    assert CheckoutAttempt.objects.get(record=session, undo=True).error == "ticket 7"


def test_abandoning_needs_a_parked_run_and_ends_it(world):
    session = start()
    with pytest.raises(Refused, match="you can retry, skip, compensate"):
        operations.abandon(Checkout, session.pk, reason="enough")
    say(reserved(session))
    say(failed(session))
    for _ in range(Checkout.steps[0].tries):
        let_patience_end(session)
    operations.abandon(Checkout, session.pk, reason="written off")
    session.refresh_from_db()
    assert (session.state, session.undoing, session.reason) == ("ABORTED", [], "PAYMENT_DECLINED")
    action = OperatorAction.objects.latest("id")
    assert (action.actor, action.verb, action.before["state"], action.after["state"]) == (
        "staff:ada", "saga.abandon", "NEEDS_ATTENTION", "ABORTED",
    )  # fmt: skip


def test_whoever_looked_at_an_older_version_is_told(world):
    session = start()
    say(reserved(session))
    with pytest.raises(Refused, match="moved on to AUTHORIZING_PAYMENT"):
        operations.retry(Checkout, session.pk, reason="slow", seen_version=session.version)
    assert world.count(AuthorizePayment) == 1
    with pytest.raises(Missing):
        operations.retry(Checkout, uuid4(), reason="slow")


def test_in_bulk_a_refused_one_does_not_stop_the_others(world):
    done, waiting = at_the_pivot(world, deaf=False), start()
    results = operations.in_bulk(Checkout, "retry", [done.pk, uuid4(), waiting.pk], reason="all again")
    assert [result.ok for result in results] == [False, False, True]
    settle()
    assert world.count(ReserveInventory) == 3


def sentence(session: CheckoutSession) -> str:
    """Its explanation, with every duration as a while."""
    session.refresh_from_db()
    return re.sub(r"\b\d+ (s|min|h|d)\b", "a while", explain(Checkout, session).sentence)


def test_each_state_has_a_sentence_that_says_what_and_why_and_what_next(world):
    session = start()
    assert sentence(session) == (
        "Waiting for ReserveInventory for a while, try 1. tests.ordering.world.take_ReserveInventory has dealt with it; "
        "the answer is outstanding. Without an answer it will ask again by itself in a while. You can retry, skip or compensate."
    )
    command = Delivery.objects.filter(message__name="ReserveInventory")
    command.update(status="open", attempts=0, subscriber="inventory")
    assert "inventory has not looked at it yet." in sentence(session)
    command.update(attempts=2, error="ValueError: no such shelf. ")
    assert "inventory failed 2 times: ValueError: no such shelf." in sentence(session)
    command.update(status="leased", lease=uuid4(), leased_until=F("created_at"))
    assert "inventory is working on it." in sentence(session)
    command.update(status="discarded", lease=None)
    assert "Its delivery to inventory was discarded." in sentence(session)
    command.update(status="dead")
    assert "Its delivery to inventory is dead after 2 attempts: ValueError: no such shelf." in sentence(session)
    assert "Without an answer it will turn back by itself in a while." in sentence(session)
    CheckoutSession.objects.update(due_at=F("started_at"))
    assert "it will turn back by itself any moment, if a sweeper is running." in sentence(session)


def test_a_run_that_goes_backward_or_is_parked_or_over_says_so(world):
    session = start()
    say(reserved(session))
    say(failed(session))
    assert sentence(session).startswith("Undoing ReserveInventory (PAYMENT_DECLINED); waiting for a while, try 1.")
    assert sentence(session).endswith("You can retry or skip.")
    CheckoutSession.objects.update(attempt=Checkout.steps[0].tries)
    assert "it will be parked for a person in a while." in sentence(session)
    let_patience_end(session)
    assert re.search(
        r"Parked: NoAnswer: undoing ReserveInventory was never answered.*You can retry, skip or abandon\.$", sentence(session)
    )
    say(released(session))
    assert sentence(session) == "Aborted (PAYMENT_DECLINED) and undone a while ago; nothing to do."
    assert sentence(at_the_pivot(world, deaf=False)) == "Completed a while ago; nothing to do."
    parked = parked_at_the_pivot(world)
    assert sentence(parked).endswith(
        "Parked: NoAnswer: CreateOrder was never answered. You can retry, skip, compensate or abandon."
    )


def test_the_same_silence_is_one_cause_and_another_step_another(world):
    first, second = parked_at_the_pivot(world), parked_at_the_pivot(world)
    assert first.fingerprint == second.fingerprint != ""
    undo = start()
    say(reserved(undo))
    say(failed(undo))
    for _ in range(Checkout.steps[0].tries):
        let_patience_end(undo)
    assert undo.fingerprint not in ("", first.fingerprint)


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("saga", *arguments, stdout=output)
    return output.getvalue()


def test_the_command_lists_explains_and_repairs(world):
    assert "nothing is waiting" in run("list")
    moving, parked = start(), parked_at_the_pivot(world)
    listed = run("list")
    assert listed.index(str(parked.pk)) < listed.index(str(moving.pk)), "parked ones first"
    assert parked.fingerprint in listed
    assert str(moving.pk) not in run("list", "--state", "NEEDS_ATTENTION")
    assert "Waiting for ReserveInventory" in run("explain", str(moving.pk))
    assert "1 runs: nothing changed" in run("retry", "--all-parked", "--dry-run")
    parked.refresh_from_db()
    assert parked.state == "NEEDS_ATTENTION"
    world.orders_are_deaf = False
    done = run("retry", "--fingerprint", parked.fingerprint, "--reason", "deployed a fix", "--actor", "grace")
    assert f"{parked.pk}  ok  asked again for CreateOrder" in done
    settle()
    parked.refresh_from_db()
    assert parked.state == "COMPLETED"
    assert OperatorAction.objects.get(target_id=str(parked.pk)).actor == "staff:grace"


def test_the_command_fails_when_anything_was_refused(world):
    session = start()
    for wrong, why in (
        (["retry", str(session.pk)], "1 of 1 refused"),
        (["retry"], "Name ids"),
        (["skip", str(session.pk), "--reason", "x", "--facts", "[]", "--evidence", "y"], "not a JSON object"),
        (["skip", str(session.pk), "--reason", "x"], "1 of 1 refused"),
        (["abandon", str(session.pk), "--reason", "x"], "1 of 1 refused"),
        (["--saga", "no-such", "list"], "Name one with --saga: checkout"),
    ):
        with pytest.raises(CommandError, match=why):
            run(*wrong)
    session.refresh_from_db()
    assert session.state == "RESERVING_INVENTORY"
    assert world.count(CreateOrder) == 0
    assert w.said(CheckoutAborted) == []
