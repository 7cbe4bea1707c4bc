"""A batch of 50 costs what a batch of 5 costs, also when all 50 want the same product."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from config.switchboard import COMMANDS, EVENTS
from fulfilment.inventory.models import Reservation
from shop.contracts.base import Message
from shop.contracts.fulfilment import ExpireReservations, ReceiveStock, ReleaseInventory
from shop.contracts.ordering import OrderCreated, ReserveInventory
from shop.messaging.bus import execute, unit_of_work
from shop.messaging.envelope import Envelope
from tests.fulfilment.builders import (
    assert_adds_up,
    created,
    database_now,
    figures,
    held,
    make_overdue,
    request,
    stocked,
)

pytestmark = pytest.mark.django_db

FEW, MANY = 5, 50


def statements(handler: Callable[[Sequence[Envelope[Any]]], Any], messages: Sequence[Message]) -> list[str]:
    """What one batch sends to the database, its own messages included."""
    now = database_now()
    batch = [Envelope(uuid7(), message, uuid7(), None, "system", now) for message in messages]
    with (
        CaptureQueriesContext(
            connection,
        ) as captured,
        unit_of_work(),
    ):
        handler(batch)
    return [query["sql"][:60] for query in captured.captured_queries]


def reserve(messages: Sequence[ReserveInventory]) -> list[str]:
    return statements(COMMANDS[ReserveInventory], messages)


def release(messages: Sequence[ReleaseInventory]) -> list[str]:
    return statements(COMMANDS[ReleaseInventory], messages)


def bind(messages: Sequence[OrderCreated]) -> list[str]:
    (handler,) = (entry for entry in EVENTS[OrderCreated] if "bind_reservation" in getattr(entry, "__name__", ""))
    return statements(handler, messages)


def assert_no_more(many: list[str], few: list[str], most: int) -> None:
    assert len(many) <= len(few), many
    assert len(few) <= most, few


def test_reserving_many_products():
    def requests(count: int) -> list[ReserveInventory]:
        return [request((stocked(9), 1), (stocked(9), 2)) for _ in range(count)]

    few, many = requests(FEW), requests(MANY)

    assert_no_more(reserve(many), reserve(few), 8)
    assert Reservation.objects.filter(status="HELD").count() == FEW + MANY
    assert_adds_up()


def test_reserving_one_hot_product():
    tea = stocked(1000)

    few = reserve([request((tea, 1)) for _ in range(FEW)])
    many = reserve([request((tea, 1)) for _ in range(MANY)])

    assert_no_more(many, few, 8)
    assert figures(tea) == (1000, 55, 945)
    assert_adds_up()


def test_reserving_when_most_are_refused():
    tea = stocked(4)

    few = reserve([request((tea, 1)) for _ in range(FEW)])
    execute(ReceiveStock(product_id=tea, quantity=40))
    many = reserve([request((tea, 1)) for _ in range(MANY)])

    assert_no_more(many, few, 9)
    assert figures(tea) == (44, 44, 0)
    assert_adds_up()


def test_reserving_again_what_is_held_already():
    tea = stocked(1000)
    commands = [request((tea, 1)) for _ in range(MANY)]
    reserve(commands)

    assert_no_more(reserve(commands), reserve(commands[:FEW]), 8)
    assert figures(tea) == (1000, 50, 950)
    assert_adds_up()


def test_releasing_one_hot_product():
    tea = stocked(1000)
    ids = [held((tea, 1)).id for _ in range(FEW + MANY)]

    few = release([ReleaseInventory(reservation_id=reservation_id) for reservation_id in ids[:FEW]])
    many = release([ReleaseInventory(reservation_id=reservation_id) for reservation_id in ids[FEW:]])

    assert_no_more(many, few, 12)
    assert figures(tea) == (1000, 0, 1000)
    assert_adds_up()


def test_binding():
    tea = stocked(1000)
    orders: list[UUID | None] = [held((tea, 1)).order_id for _ in range(FEW + MANY)]

    few = bind([created(order_id) for order_id in orders[:FEW]])
    many = bind([created(order_id) for order_id in orders[FEW:]])

    assert_no_more(many, few, 5)
    assert Reservation.objects.filter(order_bound=True).count() == FEW + MANY


def test_expiring():
    tea = stocked(1000)

    def expiring(count: int) -> list[str]:
        make_overdue(*[held((tea, 1)) for _ in range(count)])
        with CaptureQueriesContext(connection) as captured:
            execute(ExpireReservations())
        return [query["sql"][:60] for query in captured.captured_queries]

    few, many = expiring(FEW), expiring(MANY)

    assert len(many) <= len(few), many
    assert figures(tea) == (1000, 0, 1000)
    assert_adds_up()
