"""An order is created once, adds up, and is confirmed at once unless something holds it."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from ordering.orders.invariants import order_violations
from ordering.orders.models import Order, OrderHold, OrderLine, OrderStatusHistory
from shop.contracts.addresses import Address
from shop.contracts.ordering import (
    CreateOrder,
    OrderConfirmed,
    OrderCreated,
    OrderItem,
    OrderPlacedOnHold,
    OrderStatusChanged,
)
from shop.messaging.bus import execute, send, unit_of_work
from shop.messaging.errors import Invalid
from shop.messaging.models import Delivery
from tests.ordering.factories import create_order
from tests.ordering.world import World, said, settle

pytestmark = pytest.mark.django_db


def mail(*commands: CreateOrder) -> None:
    with unit_of_work():
        for command in commands:
            send(command)
    settle()


def test_it_is_created_and_confirmed_in_one_go(world: World) -> None:
    command = create_order()
    view = execute(command)
    assert (view.order_id, view.status, view.lifecycle_status) == (command.order_id, "CREATED", "CONFIRMED")
    assert (view.subtotal, view.discount, view.total, view.currency) == (3_500, 500, 3_000, "EUR")
    assert [(item.sku, item.quantity, item.unit_price) for item in view.items] == [("CUP", 2, 1_000), ("POT", 1, 1_500)]

    order = Order.objects.get()
    assert order.confirmed_at == order.created_at
    assert order.applied_promotions == ["SPRING"]
    (created,), (changed,), (confirmed,) = said(OrderCreated), said(OrderStatusChanged), said(OrderConfirmed)
    assert (created.status, created.total, created.checkout_session_id) == ("created", 3_000, command.checkout_session_id)
    assert (changed.previous_status, changed.new_status, changed.sequence) == ("CREATED", "CONFIRMED", 1)
    assert confirmed.confirmation_number == order.confirmation_number
    assert confirmed.inventory_reservation_id == str(command.reservation_id)
    history = OrderStatusHistory.objects.get()
    assert (history.sequence, history.previous_status, history.new_status) == (1, "CREATED", "CONFIRMED")
    assert [*order_violations()] == []


@pytest.mark.parametrize("same", ["order_id", "cart_id", "checkout_session_id"])
def test_a_repeat_answers_with_the_order_that_is_there_and_says_so_again(world: World, same: str) -> None:
    first = create_order()
    execute(first)
    again = create_order(customer_id=first.customer_id, items=first.items, **{same: getattr(first, same)})
    assert execute(again).order_id == first.order_id
    assert Order.objects.count() == 1
    assert OrderLine.objects.count() == 2
    assert [created.order_id for created in said(OrderCreated)] == [first.order_id] * 2
    assert len(said(OrderConfirmed)) == 1
    assert len(said(OrderStatusChanged)) == 1


def test_twice_in_one_batch_is_one_order(world: World) -> None:
    first = create_order()
    mail(first, first, create_order(cart_id=first.cart_id), create_order())
    assert Order.objects.count() == 2
    assert OrderLine.objects.count() == 4
    assert len(said(OrderCreated)) == 4
    assert len(said(OrderConfirmed)) == 2
    assert [*order_violations()] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"total": 2_999}, "total_mismatch"),
        ({"discount": 0}, "total_mismatch"),
        ({"subtotal": 3_501}, "subtotal_mismatch"),
        ({"items": []}, "order_without_items"),
        ({"items": [OrderItem(product_id=uuid7(), quantity=1, unit_price=-1)]}, "negative_price"),
        ({"items": [OrderItem(product_id=uuid7(), quantity=2**31 - 1, unit_price=2**62)]}, "subtotal_mismatch"),
    ],
)
def test_sums_that_do_not_add_up_are_refused(world: World, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        execute(create_order(**changes))
    assert refusal.value.code == code
    assert not Order.objects.exists()
    assert not said(OrderCreated)


def test_one_bad_letter_does_not_stop_the_others(world: World) -> None:
    good = [create_order() for _ in range(3)]
    mail(good[0], create_order(total=1), *good[1:])
    assert set(Order.objects.values_list("id", flat=True)) == {command.order_id for command in good}
    assert Delivery.objects.filter(status="dead").count() == 1


def test_fraud_review_holds_it(world: World) -> None:
    command = create_order(fraud_verdict="review")
    assert execute(command).lifecycle_status == "ON_HOLD"
    (hold,) = said(OrderPlacedOnHold)
    assert (hold.order_id, hold.reason, hold.owner_team) == (command.order_id, "FRAUD_REVIEW", "fraud")
    assert "fraud" not in (hold.customer_message or "").lower()
    (changed,) = said(OrderStatusChanged)
    assert (changed.previous_status, changed.new_status, changed.sequence) == ("CREATED", "ON_HOLD", 1)
    assert not said(OrderConfirmed)
    assert OrderHold.objects.get().review_by > OrderHold.objects.get().placed_at


def address(**changes: str) -> Address:
    fields = {"line1": "Allee 1", "city": "Berlin", "postal_code": "10115", "country_code": "DE"}
    return Address.model_validate(fields | changes)


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({"delivery_address": address()}, False),
        ({"delivery_address": address(postal_code="1011")}, True),
        ({"delivery_address": address(country_code="GB", postal_code="sw1a 1aa")}, False),
        ({"delivery_address": address(country_code="GB", postal_code="10115")}, True),
        ({"delivery_address": address(country_code="NL", postal_code="1012 AB")}, False),
        ({"delivery_address": address(country_code="BO", postal_code="x")}, False),
        ({"delivery_address": address(line1="  ")}, True),
        ({"delivery_address": address(city="")}, True),
        ({"delivery_address": None}, True),
        ({"delivery_address": None, "delivery_method": None}, True),
        ({"delivery_address": None, "delivery_method": "CLICK_AND_COLLECT"}, False),
    ],
)
def test_an_address_that_does_not_validate_holds_it(world: World, changes: dict[str, Any], held: bool) -> None:
    view = execute(create_order(**changes))
    assert view.lifecycle_status == ("ON_HOLD" if held else "CONFIRMED")
    assert [hold.reason for hold in said(OrderPlacedOnHold)] == (["ADDRESS_VERIFICATION"] if held else [])


def test_two_reasons_are_two_holds_and_one_transition(world: World) -> None:
    execute(create_order(fraud_verdict="review", delivery_address=None))
    assert {hold.reason for hold in said(OrderPlacedOnHold)} == {"FRAUD_REVIEW", "ADDRESS_VERIFICATION"}
    assert len(said(OrderStatusChanged)) == 1
    assert [*order_violations()] == []


def statements_for(count: int) -> int:
    with unit_of_work():
        for number in range(count):
            send(create_order(fraud_verdict="review" if number % 5 == 0 else "pass"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        settle()
    assert Delivery.objects.filter(status="open").count() == 0
    return len(queries)


def test_fifty_cost_no_more_statements_than_five(world: World) -> None:
    five = statements_for(5)
    assert statements_for(50) == five
    assert Order.objects.count() == 55


@pytest.mark.parametrize(
    "change", [{"total": 1}, {"discount": -1, "total": 3_501}, {"lifecycle_status": "LOST"}, {"confirmed_at": None}]
)
def test_the_database_itself_refuses_nonsense(world: World, change: dict[str, Any]) -> None:
    execute(create_order())
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.update(**change)
