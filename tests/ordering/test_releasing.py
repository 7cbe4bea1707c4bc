"""From paid to the warehouse: money first, the most urgent first, never while somebody has to look."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import F
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from ordering.orders.invariants import order_violations
from ordering.orders.models import Order
from shop.contracts.ordering import (
    CreateOrder,
    GetHeldOrders,
    OrderFulfilmentStarted,
    OrderStatusChanged,
    PlaceOrderHold,
    ReleaseOrder,
    ReleaseOrders,
)
from shop.messaging.bus import ask, execute, send, unit_of_work
from shop.messaging.errors import Missing, Refused
from tests.ordering.factories import create_order
from tests.ordering.test_holds import an_order, hold, release
from tests.ordering.world import World, captured, said, say, settle

pytestmark = pytest.mark.django_db
PATIENT = timedelta(seconds=301)


def paid(**changes: object) -> UUID:
    order_id = an_order(**changes)
    say(captured(order_id))
    return order_id


def let_time_pass(by: timedelta = PATIENT) -> None:
    Order.objects.update(awaiting_since=F("awaiting_since") - by)


def status_of(order_id: UUID) -> str:
    return str(Order.objects.get(pk=order_id).lifecycle_status)


def test_captured_money_lets_an_order_go_on_once(world: World) -> None:
    order_id = paid()
    say(captured(order_id))
    assert status_of(order_id) == "AWAITING_FULFILMENT"
    assert [change.new_status for change in said(OrderStatusChanged)] == ["CONFIRMED", "AWAITING_FULFILMENT"]
    assert [*order_violations()] == []


def test_money_for_something_added_later_does_not_count_as_the_orders_own(world: World) -> None:
    order_id = an_order()
    say(captured(order_id).model_copy(update={"payment_id": uuid7()}))
    assert status_of(order_id) == "CONFIRMED"


def test_an_order_that_is_captured_when_it_ships_waits_for_the_warehouse_at_once(world: World) -> None:
    with override_settings(PAYMENTS_CAPTURE_ON="shipped"):
        order_id = an_order()
    assert status_of(order_id) == "AWAITING_FULFILMENT"
    assert [(change.sequence, change.new_status) for change in said(OrderStatusChanged)] == [
        (1, "CONFIRMED"), (2, "AWAITING_FULFILMENT"),
    ]  # fmt: skip
    assert [*order_violations()] == []


def test_money_that_comes_while_an_order_is_held_is_remembered(world: World) -> None:
    order_id = an_order()
    held = hold(order_id)
    say(captured(order_id))
    assert status_of(order_id) == "ON_HOLD"
    assert release(order_id, held.hold_id).lifecycle_status == "AWAITING_FULFILMENT"


def test_an_unpaid_order_is_confirmed_again_after_its_hold_and_waits_for_its_money(world: World) -> None:
    order_id = an_order()
    confirmed_at = Order.objects.get().confirmed_at
    assert release(order_id, hold(order_id).hold_id).lifecycle_status == "CONFIRMED"
    say(captured(order_id))
    assert status_of(order_id) == "AWAITING_FULFILMENT"
    assert Order.objects.get().confirmed_at == confirmed_at
    assert [*order_violations()] == []


def test_the_urgent_go_first_then_who_has_waited_longest(world: World) -> None:
    slow, late, soon, now = paid(), paid(), paid(priority="EXPEDITED"), paid(priority="SAME_DAY")
    let_time_pass()
    execute(ReleaseOrders(limit=3))
    assert [fact.order_id for fact in said(OrderFulfilmentStarted)] == [now, soon, slow]
    settle()  # a full chunk asks for the next
    started = said(OrderFulfilmentStarted)
    assert [fact.order_id for fact in started] == [now, soon, slow, late]
    assert (started[0].item_count, started[0].warehouse_id, started[0].priority) == (3, "main", "SAME_DAY")
    assert {fact.fulfilment_id for fact in started} == set(Order.objects.values_list("fulfilment_id", flat=True))
    assert [*order_violations()] == []


def test_second_thoughts_have_their_time(world: World) -> None:
    order_id = paid()
    let_time_pass(timedelta(seconds=290))
    execute(ReleaseOrders())
    assert status_of(order_id) == "AWAITING_FULFILMENT"
    execute(ReleaseOrder(order_id=order_id, reason="the customer waits at the door"))
    assert status_of(order_id) == "FULFILLING"
    with pytest.raises(Refused):
        execute(ReleaseOrder(order_id=order_id))
    with pytest.raises(Missing):
        execute(ReleaseOrder(order_id=uuid7()))


def test_nobody_who_is_held_is_released(world: World) -> None:
    order_id = paid()
    let_time_pass()
    hold(order_id)
    execute(ReleaseOrders())
    assert not said(OrderFulfilmentStarted)
    assert ask(GetHeldOrders(order_ids=[order_id, paid(), uuid7()])).order_ids == [order_id]


def test_many_cost_as_many_statements_as_few(world: World) -> None:
    def cost_of(count: int) -> tuple[int, int]:
        commands: list[CreateOrder] = [create_order() for _ in range(count)]
        for command in commands:
            execute(command)
        facts = [captured(command.order_id) for command in commands if command.order_id]
        with CaptureQueriesContext(connection) as noting:
            say(*facts)
        let_time_pass()
        with CaptureQueriesContext(connection) as releasing:
            execute(ReleaseOrders())
        return len(noting), len(releasing)

    assert cost_of(5) == cost_of(40)


def test_a_wish_to_hold_that_comes_after_the_end_is_moot(world: World) -> None:
    order_id = paid()
    order = Order.objects.get(pk=order_id)
    order.cancel(order.created_at, "FRAUD")
    order.save()
    with unit_of_work():
        send(PlaceOrderHold.model_validate({
            "order_id": order_id, "reason": "INVENTORY_RECHECK", "owner_team": "x", "review_by": order.created_at,
        }))  # fmt: skip
    settle()
    assert not order.holds.exists()
