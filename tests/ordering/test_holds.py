"""Holds: several at a time, the last one released lets the order go on."""

from datetime import timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from ordering.orders.invariants import order_violations
from ordering.orders.models import Order, OrderHold
from shop.contracts.ordering import (
    GetOrderStatusHistory,
    HoldView,
    OrderConfirmed,
    OrderHoldReleased,
    OrderPlacedOnHold,
    OrderStatusChanged,
    PlaceOrderHold,
    ReleaseOrderHold,
)
from shop.messaging.bus import ask, execute
from shop.messaging.context import acting
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.models import OperatorAction
from tests.ordering.factories import create_order
from tests.ordering.world import World, captured, now, said, say

pytestmark = pytest.mark.django_db


def an_order(**changes: object) -> UUID:
    view = execute(create_order(**changes))
    order_id: UUID = view.order_id
    return order_id


def hold(order_id: UUID, reason: str = "PAYMENT_REVIEW") -> HoldView:
    command = PlaceOrderHold.model_validate(
        {"order_id": order_id, "reason": reason, "owner_team": "finance", "review_by": now() + timedelta(hours=1)}
    )
    view: HoldView = execute(command)
    return view


def release(order_id: UUID, hold_id: UUID) -> HoldView:
    view: HoldView = execute(ReleaseOrderHold(order_id=order_id, hold_id=hold_id, resolution="looked at it"))
    return view


def test_releasing_the_only_hold_confirms_for_the_first_time(world: World) -> None:
    order_id = an_order(fraud_verdict="review")
    held = OrderHold.objects.get()
    with acting("staff:ada"):
        assert release(order_id, held.id).lifecycle_status == "CONFIRMED"
    (released,) = said(OrderHoldReleased)
    assert (released.next_status, released.previous_reason, released.released_by) == (
        "CONFIRMED", "FRAUD_REVIEW", "staff:ada",
    )  # fmt: skip
    assert len(said(OrderConfirmed)) == 1
    assert [(c.previous_status, c.new_status, c.sequence) for c in said(OrderStatusChanged)] == [
        ("CREATED", "ON_HOLD", 1), ("ON_HOLD", "CONFIRMED", 2),
    ]  # fmt: skip
    action = OperatorAction.objects.get()
    assert (action.verb, action.actor, action.reason) == ("order.release", "staff:ada", "looked at it")
    assert [*order_violations()] == []


def test_only_the_last_release_lets_it_go_on(world: World) -> None:
    order_id = an_order(fraud_verdict="review", delivery_address=None)
    first, second = OrderHold.objects.all()
    assert release(order_id, first.id).lifecycle_status == "ON_HOLD"
    assert not said(OrderHoldReleased)
    assert release(order_id, second.id).lifecycle_status == "CONFIRMED"
    assert [*order_violations()] == []


def test_releasing_twice_changes_nothing(world: World) -> None:
    order_id = an_order(fraud_verdict="review")
    held = OrderHold.objects.get()
    release(order_id, held.id)
    assert release(order_id, held.id).lifecycle_status == "CONFIRMED"
    assert len(said(OrderConfirmed)) == 1
    assert len(said(OrderHoldReleased)) == 1


def test_a_paid_order_goes_to_fulfilment_after_its_hold(world: World) -> None:
    order_id = an_order()
    held = hold(order_id)
    say(captured(order_id))
    assert held.lifecycle_status == "ON_HOLD"
    assert release(order_id, held.hold_id).lifecycle_status == "AWAITING_FULFILMENT"
    assert len(said(OrderConfirmed)) == 1
    history = ask(GetOrderStatusHistory(order_id=order_id))
    assert [(change.sequence, change.new_status) for change in history.changes] == [
        (1, "CONFIRMED"), (2, "ON_HOLD"), (3, "AWAITING_FULFILMENT"),
    ]  # fmt: skip


def test_the_same_hold_twice_is_one_hold(world: World) -> None:
    order_id = an_order()
    assert hold(order_id).hold_id == hold(order_id).hold_id
    assert len(said(OrderPlacedOnHold)) == 1
    assert len(said(OrderStatusChanged)) == 2


def test_a_second_reason_adds_a_hold_without_a_transition(world: World) -> None:
    order_id = an_order()
    hold(order_id)
    hold(order_id, "INVENTORY_RECHECK")
    assert OrderHold.objects.filter(released_at=None).count() == 2
    assert Order.objects.get().status_sequence == 2
    assert [*order_violations()] == []


def test_what_is_being_fulfilled_cannot_be_held(world: World) -> None:
    order_id = an_order()
    order = Order.objects.get()
    order.await_fulfilment(now())
    order.start_fulfilment(uuid7(), "main")
    order.save()
    with pytest.raises(Refused) as refusal:
        hold(order_id)
    assert refusal.value.status == 409
    assert not OrderHold.objects.exists()


def test_a_review_time_in_the_past_is_refused(world: World) -> None:
    order_id = an_order()
    with pytest.raises(Invalid):
        execute(
            PlaceOrderHold(order_id=order_id, reason="PAYMENT_REVIEW", owner_team="x", review_by=now() - timedelta(minutes=1))
        )
    assert Order.objects.get().lifecycle_status == "CONFIRMED"


def test_unknown_orders_and_holds_are_missing(world: World) -> None:
    order_id = an_order(fraud_verdict="review")
    with pytest.raises(Missing):
        hold(uuid7())
    with pytest.raises(Missing):
        release(order_id, uuid7())
    with pytest.raises(Missing):
        release(an_order(), OrderHold.objects.get().id)
