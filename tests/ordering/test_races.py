"""Many hands at once: one cart gives one order, one hold is released once, and the reservation outlives the waiting."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.db import connections
from django.test import override_settings

from ordering.checkout.checks import longest_wait
from ordering.orders.invariants import order_violations
from ordering.orders.models import Order, OrderHold
from shop.contracts.ordering import OrderConfirmed, OrderCreated, ReleaseOrderHold
from shop.messaging.bus import execute
from tests.ordering.factories import create_order
from tests.ordering.world import World, a_world, said


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    with a_world() as surroundings:
        yield surroundings


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each of these gives, all started together; raises what any of them raised."""
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def body(place: int, work: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[place] = work()
        except Exception as error:  # noqa: BLE001 — raised below, in the test's own thread
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=body, args=item) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


def test_one_cart_created_by_many_is_one_order(world: World) -> None:
    first = create_order()
    same = {"cart_id": first.cart_id, "customer_id": first.customer_id, "items": first.items}
    rivals = [create_order(**same) for _ in range(7)]
    views = at_once(*(lambda command=command: execute(command) for command in (first, *rivals)))
    assert len({view.order_id for view in views}) == 1
    assert Order.objects.get().cart_id == first.cart_id
    assert len(said(OrderConfirmed)) == 1
    assert len(said(OrderCreated)) == 8
    assert [*order_violations()] == []


def test_two_operators_release_one_hold_once(world: World) -> None:
    order_id = execute(create_order(fraud_verdict="review")).order_id
    hold = OrderHold.objects.get()
    command = ReleaseOrderHold(order_id=order_id, hold_id=hold.id, resolution="fine")
    views = at_once(*(lambda: execute(command) for _ in range(4)))
    assert {view.lifecycle_status for view in views} == {"CONFIRMED"}
    assert len(said(OrderConfirmed)) == 1
    assert [*order_violations()] == []


def test_two_operators_release_two_holds_and_the_order_goes_on_once(world: World) -> None:
    order_id = execute(create_order(fraud_verdict="review", delivery_address=None)).order_id
    commands = [ReleaseOrderHold(order_id=order_id, hold_id=hold.id, resolution="fine") for hold in OrderHold.objects.all()]
    at_once(*(lambda command=command: execute(command) for command in commands))
    assert Order.objects.get().lifecycle_status == "CONFIRMED"
    assert len(said(OrderConfirmed)) == 1
    assert [*order_violations()] == []


def test_a_reservation_outlives_every_wait_that_follows_it() -> None:
    assert longest_wait() < settings.RESERVATION_MINUTES * 60
    assert run_checks(tags=["checkout"]) == []


def test_settings_that_let_it_run_out_are_told() -> None:
    with override_settings(RESERVATION_MINUTES=1):
        assert [message.id for message in run_checks(tags=["checkout"])] == ["checkout.W001"]
