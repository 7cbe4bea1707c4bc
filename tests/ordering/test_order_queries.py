"""What is told about orders: the coarse and the fine status, own orders page by page, a gapless history."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_fsm import TransitionNotAllowed, can_proceed
from uuid_utils.compat import uuid7

from ordering.orders.models import Order
from ordering.orders.states import LifecycleStatus
from shop.contracts.ordering import GetOrder, GetOrdersForFulfilment, GetOrderStatusHistory, ListOrders, OrderPage
from shop.messaging.bus import ask, execute
from shop.messaging.errors import Missing
from tests.ordering.factories import create_order
from tests.ordering.world import World, now

pytestmark = pytest.mark.django_db


def orders_of(customer: UUID, count: int) -> list[UUID]:
    return [execute(create_order(customer_id=customer)).order_id for _ in range(count)]


def page_of(customer: UUID, **how: object) -> OrderPage:
    page: OrderPage = ask(ListOrders.model_validate({"customer_id": customer, **how}))
    return page


def test_pages_neither_repeat_nor_skip_and_start_with_the_newest(world: World) -> None:
    customer = uuid7()
    ids = orders_of(customer, 7)
    Order.objects.update(created_at=now())  # all at once: only the id can tell them apart
    orders_of(uuid7(), 2)
    pages = [page_of(customer, page=number, page_size=3) for number in (1, 2, 3, 4)]
    assert [len(page.results) for page in pages] == [3, 3, 1, 0]
    assert [order.order_id for page in pages for order in page.results] == sorted(ids, reverse=True)
    assert {page.total for page in pages} == {7}


def test_a_page_costs_the_same_however_many_orders_are_on_it(world: World) -> None:
    customer = uuid7()
    orders_of(customer, 2)
    with CaptureQueriesContext(connection) as few:
        page_of(customer)
    orders_of(customer, 8)
    with CaptureQueriesContext(connection) as many:
        assert len(page_of(customer).results) == 10
    assert len(many) == len(few)


def test_a_page_beyond_all_pages_is_empty(world: World) -> None:
    customer = uuid7()
    orders_of(customer, 1)
    assert page_of(customer, page=2**31 - 1, page_size=100).results == []


def test_the_published_status_is_coarse_and_survives_archiving(world: World) -> None:
    customer = uuid7()
    (order_id,) = orders_of(customer, 1)
    order = Order.objects.get()
    order.await_fulfilment(now())
    order.start_fulfilment(uuid7(), "main")
    order.save()
    assert ask(GetOrder(order_id=order_id)).status == "CREATED"
    order.complete(now())
    order.save()
    assert ask(GetOrder(order_id=order_id)).status == "COMPLETED"
    order.archive(now())
    order.save()
    view = ask(GetOrder(order_id=order_id))
    assert (view.status, view.lifecycle_status) == ("COMPLETED", "ARCHIVED")
    assert [page_of(customer, status=status).total for status in ("CREATED", "COMPLETED", "CANCELLED")] == [0, 1, 0]


def test_nothing_leads_back_from_the_warehouse(world: World) -> None:
    orders_of(uuid7(), 1)
    order = Order.objects.get()
    order.await_fulfilment(now())
    order.start_fulfilment(uuid7(), "main")
    assert not can_proceed(order.cancel)
    with pytest.raises(TransitionNotAllowed):
        order.hold()
    with pytest.raises(AttributeError):
        order.lifecycle_status = LifecycleStatus.CREATED


def test_what_is_not_there_is_missing(world: World) -> None:
    with pytest.raises(Missing):
        ask(GetOrder(order_id=uuid7()))
    with pytest.raises(Missing):
        ask(GetOrderStatusHistory(order_id=uuid7()))


def test_fulfilment_asks_about_many_orders_at_once(world: World) -> None:
    customer = uuid7()
    ids = orders_of(customer, 2)
    with CaptureQueriesContext(connection) as few:
        ask(GetOrdersForFulfilment(order_ids=ids))
    ids += orders_of(customer, 6)
    with CaptureQueriesContext(connection) as many:
        found = ask(GetOrdersForFulfilment(order_ids=[*ids, uuid7()])).orders
    assert len(many) == len(few)
    assert [order.order_id for order in found] == sorted(ids)
    assert {(order.revision, order.address_revision, order.lifecycle_status) for order in found} == {(1, 1, "CONFIRMED")}
    assert [line.position for line in found[0].lines] == [*range(1, len(found[0].lines) + 1)]
    assert found[0].delivery_address is not None
