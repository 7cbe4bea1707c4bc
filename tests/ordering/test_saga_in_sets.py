"""Fifty checkouts cost the saga no more statements than five, at every step and on the way back."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ordering.checkout.models import CheckoutSession
from shop.contracts.base import Event
from shop.messaging.bus import publish, unit_of_work
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.routing import switchboard
from tests.ordering import world as w
from tests.ordering.factories import cart_checked_out
from tests.ordering.world import World, settle

pytestmark = pytest.mark.django_db


def cost_of(events: list[Event]) -> int:
    """Statements that the saga needs for these facts, delivered as one batch."""
    with unit_of_work():
        for event in events:
            publish(event)
    saga = switchboard().route_named("ordering.checkout.saga")
    assert saga is not None
    with CaptureQueriesContext(connection) as queries:
        assert deliver_batch(saga) == len(events)
    settle()
    return len(queries)


def costs(count: int, *replies: Callable[[CheckoutSession], Event]) -> list[int]:
    """What starting that many checkouts costs, and then each of these replies to all of them."""
    openings = [cart_checked_out() for _ in range(count)]
    found = [cost_of([*openings])]
    sessions = list(CheckoutSession.objects.filter(cart_id__in=[opening.cart_id for opening in openings]))
    return found + [cost_of([reply(session) for session in sessions]) for reply in replies]


def test_forward(world: World) -> None:
    assert costs(50, w.reserved, w.authorized) == costs(5, w.reserved, w.authorized)


def test_backward(world: World) -> None:
    assert costs(50, w.reserved, w.failed, w.released) == costs(5, w.reserved, w.failed, w.released)


def test_old_news(world: World) -> None:
    assert costs(50, w.reserved, w.reserved) == costs(5, w.reserved, w.reserved)
