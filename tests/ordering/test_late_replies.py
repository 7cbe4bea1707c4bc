"""Whatever order replies, repeats and deadlines come in: one end, at most one order, and nothing unused is kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.db.models.functions import Now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordering.checkout.models import CheckoutSession
from ordering.checkout.saga import Checkout
from ordering.orders.models import Order
from shop.contracts.base import Event
from shop.contracts.fulfilment.inventory import ReleaseInventory
from shop.contracts.ordering import AuthorizePayment, CheckoutAborted, CheckoutCompleted, CreateOrder
from shop.contracts.payments import VoidAuthorization
from shop.messaging.models import Delivery
from shop.messaging.saga.deadlines import act_on_deadlines
from tests.ordering import world as w
from tests.ordering.factories import cart_checked_out
from tests.ordering.invariants import broken
from tests.ordering.world import World, a_world, said, say, session_of, settle

REPLIES: dict[str, Callable[[CheckoutSession], Event]] = {
    "reserved": w.reserved,
    "unavailable": w.unavailable,
    "released": w.released,
    "authorized": w.authorized,
    "failed": w.failed,
    "voided": w.voided,
}
# Nobody answers a question that was never asked; a reservation also lapses by itself.
ASKED_BY = {
    "authorized": AuthorizePayment,
    "failed": AuthorizePayment,
    "voided": VoidAuthorization,
}
EVENTS = st.lists(st.sampled_from([*REPLIES, "deadline", "deaf", "hearing"]), max_size=14)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Nothing of an example stays in the database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def play(session: CheckoutSession, surroundings: World, event: str) -> None:
    if event in ("deaf", "hearing"):
        surroundings.orders_are_deaf = event == "deaf"
    elif event == "deadline":
        CheckoutSession.objects.filter(due_at__isnull=False).update(due_at=Now())
        act_on_deadlines(Checkout)
        settle()
    elif event not in ASKED_BY or surroundings.count(ASKED_BY[event]):
        surroundings.heard.add(event)
        say(REPLIES[event](session))


def honest_neighbours_answer(session: CheckoutSession, surroundings: World) -> None:
    """Everything that was asked and never answered is answered at last, and patience ends as often as it takes."""
    surroundings.orders_are_deaf = False
    for _ in range(4):
        if surroundings.count(ReleaseInventory):
            say(w.released(session))
        if surroundings.count(VoidAuthorization):
            say(w.voided(session))
        play(session, surroundings, "deadline")


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS)
def test_it_always_ends_with_at_most_one_order_and_keeps_nothing_it_does_not_use(events: list[str]) -> None:
    with rolled_back(), a_world() as surroundings:
        opening = cart_checked_out()
        say(opening)
        session = session_of(opening)
        for event in events:
            play(session, surroundings, event)
        honest_neighbours_answer(session, surroundings)
        session.refresh_from_db()

        assert session.state in ("COMPLETED", "ABORTED", "NEEDS_ATTENTION")
        assert session.due_at is None
        assert not Delivery.objects.exclude(status="done").exists()
        assert Order.objects.count() == (session.state == "COMPLETED")
        assert len(said(CheckoutCompleted)) == (session.state == "COMPLETED")
        assert len(said(CheckoutAborted)) == (session.state == "ABORTED")
        if session.state == "ABORTED":
            assert "reserved" not in surroundings.heard or surroundings.count(ReleaseInventory) > 0
            assert "authorized" not in surroundings.heard or surroundings.count(VoidAuthorization) > 0
        assert len({said_.order_id for said_ in surroundings.told if isinstance(said_, CreateOrder)}) <= 1
        assert broken() == []
