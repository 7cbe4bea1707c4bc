"""Two people, or a person and the sweeper, at one checkout at the same moment: one moves it, the other is told."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from ordering.checkout.models import CheckoutAttempt, CheckoutSession
from ordering.checkout.saga import Checkout
from shop.messaging.context import acting
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.delivery.claim import routes_with_mail
from shop.messaging.doorbell import listening
from shop.messaging.errors import Refused
from shop.messaging.models import OperatorAction
from shop.messaging.saga import operations
from shop.messaging.saga.deadlines import act_on_deadlines
from tests.faults.tools import Shop, forget_time, open_mail, violations
from tests.fulfilment.race import at_once

pytestmark = pytest.mark.xdist_group("faults-operators")

ROUNDS = 6


def waiting_for_payment(shop: Shop, count: int) -> list[CheckoutSession]:
    """Checkouts that have their stock and whose payment nobody has looked at yet."""
    sessions = shop.checkout(count)
    with listening():
        while routes := [*routes_with_mail("ordering"), *routes_with_mail("fulfilment")]:
            for route in routes:
                deliver_batch(route)
    found = list(CheckoutSession.objects.filter(id__in=sessions))
    assert {session.state for session in found} == {"AUTHORIZING_PAYMENT"}
    return found


def operator(name: str, verb: Callable[..., Any], session: CheckoutSession, **how: Any) -> Callable[[], str]:
    """This person does this, as of what was on the screen."""

    def act() -> str:
        with acting(f"staff:{name}"), listening():
            try:
                verb(Checkout, session.id, reason=f"{name} decided", seen_version=session.version, **how)
            except Refused as refusal:
                return refusal.code
        return name

    return act


def actors(session: UUID) -> list[str]:
    return list(OperatorAction.objects.filter(target_id=str(session)).values_list("actor", flat=True))


def to_the_end(shop: Shop) -> None:
    forget_time()
    assert shop.work() == 0
    assert open_mail() == 0
    assert violations() == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (operations.retry, operations.compensate),
        (operations.compensate, operations.compensate),
        (operations.retry, operations.retry),
    ],
    ids=["retry and turn back", "turn back twice", "retry twice"],
)
def test_two_people(shop: Shop, one: Callable[..., Any], other: Callable[..., Any]) -> None:
    for session in waiting_for_payment(shop, ROUNDS):
        told = at_once([operator("ada", one, session), operator("bob", other, session)])
        (winner,) = [name for name in ("ada", "bob") if name in told]
        assert told.count("saga_changed") == 1
        assert actors(session.id) == [f"staff:{winner}"]
        moved = CheckoutSession.objects.get(id=session.id)
        assert moved.version == session.version + 1
    to_the_end(shop)


def test_a_person_and_the_sweeper(shop: Shop) -> None:
    sessions = waiting_for_payment(shop, ROUNDS)
    for session in sessions:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ordering_checkoutsession SET due_at = now() WHERE id = %s", [session.id])

        def sweep() -> str:
            with acting("system:sweeper"), listening():
                act_on_deadlines(Checkout)
            return "swept"

        told, _ = at_once([operator("ada", operations.compensate, session), sweep])
        moved = CheckoutSession.objects.get(id=session.id)
        undone = CheckoutAttempt.objects.filter(record=session.id, undo=True).count()
        if told == "ada":
            assert (moved.state, moved.reason, undone) == ("COMPENSATING", "CANCELLED_BY_OPERATOR", 2)
            assert actors(session.id) == ["staff:ada"]
        else:
            assert told == "saga_changed"
            assert (moved.state, moved.attempt, undone) == ("AUTHORIZING_PAYMENT", 2, 0)
            assert actors(session.id) == []
        assert moved.version == session.version + 1
    to_the_end(shop)


def test_a_person_who_looked_too_long(shop: Shop) -> None:
    (session,) = waiting_for_payment(shop, 1)
    assert operator("ada", operations.retry, session)() == "ada"
    assert operator("bob", operations.compensate, session)() == "saga_changed"
    assert actors(session.id) == ["staff:ada"]
    to_the_end(shop)
