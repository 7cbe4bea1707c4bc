"""An order and its reservation: bound once, taken again if time ended it first, else the order is held for a recheck."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from uuid_utils.compat import uuid7

from config.switchboard import COMMANDS, EVENTS, QUERIES
from fulfilment.inventory.models import Reservation
from shop.contracts.fulfilment import ConsumeReservation, ExpireReservations, ReleaseInventory
from shop.contracts.ordering import PlaceOrderHold
from shop.messaging.bus import execute
from shop.messaging.switchboard import Switchboard, route
from tests.boards import using
from tests.fulfilment.builders import (
    assert_adds_up,
    created,
    deliver,
    facts,
    figures,
    held,
    make_overdue,
    status_of,
    stocked,
)

pytestmark = pytest.mark.django_db


def ordering_place_order_hold(command: PlaceOrderHold) -> None:
    """Stands for the department that holds orders: these tests look at what it is asked for."""


@pytest.fixture(autouse=True)
def _somebody_holds_orders() -> Iterator[None]:
    with ordering_listens():
        yield


@contextmanager
def ordering_listens() -> Iterator[None]:
    commands = {**COMMANDS, PlaceOrderHold: route(ordering_place_order_hold, queue="ordering")}
    with using(Switchboard(commands=commands, events=EVENTS, queries=QUERIES)):
        yield


def expired(reservation: Reservation) -> Reservation:
    make_overdue(reservation)
    deliver(ExpireReservations())
    assert status_of(reservation.id) == "EXPIRED"
    return reservation


def test_binds_each_reservation_to_its_order():
    tea = stocked(10)
    first, second, third = held((tea, 1)), held((tea, 1)), held((tea, 1))

    deliver(created(first.order_id), created(second.order_id))
    deliver(created(first.order_id))

    bound = Reservation.objects.filter(order_bound=True).order_by("id")
    assert [reservation.id for reservation in bound] == [first.id, second.id]
    assert status_of(third.id) == "HELD"
    assert facts(PlaceOrderHold) == []
    assert_adds_up()


def test_takes_expired_stock_again_when_it_is_still_there():
    tea, cup = stocked(3), stocked(2)
    reservation = expired(held((tea, 3), (cup, 1)))
    assert figures(tea) == (3, 0, 3)

    deliver(created(reservation.order_id))
    deliver(created(reservation.order_id))

    assert status_of(reservation.id) == "HELD"
    assert Reservation.objects.get().order_bound
    assert (figures(tea), figures(cup)) == ((3, 3, 0), (2, 1, 1))
    assert facts(PlaceOrderHold) == []
    assert_adds_up()


def test_asks_for_a_recheck_when_somebody_else_has_it_now():
    tea, cup = stocked(3), stocked(2)
    reservation = expired(held((tea, 3), (cup, 1)))
    held((tea, 1))

    deliver(created(reservation.order_id))

    (hold,) = facts(PlaceOrderHold)
    assert (hold.order_id, hold.reason) == (reservation.order_id, "INVENTORY_RECHECK")
    assert status_of(reservation.id) == "EXPIRED"
    assert (figures(tea), figures(cup)) == ((3, 1, 2), (2, 0, 2))
    assert_adds_up()


def test_two_late_orders_for_the_last_one_give_one_of_them_a_recheck():
    tea = stocked(1)
    first = expired(held((tea, 1)))
    second = expired(held((tea, 1)))

    deliver(created(first.order_id), created(second.order_id))

    assert (status_of(first.id), status_of(second.id)) == ("HELD", "EXPIRED")
    assert [hold.order_id for hold in facts(PlaceOrderHold)] == [second.order_id]
    assert_adds_up()


def test_an_order_without_any_reservation_is_held_for_a_recheck():
    order_id = uuid7()

    deliver(created(order_id))

    assert [hold.order_id for hold in facts(PlaceOrderHold)] == [order_id]


def test_news_of_an_order_that_was_cancelled_meanwhile_takes_nothing():
    tea = stocked(3)
    reservation = held((tea, 3))
    deliver(ReleaseInventory(reservation_id=reservation.id, reason="ORDER_CANCELLED"))

    deliver(created(reservation.order_id))

    assert status_of(reservation.id) == "RELEASED"
    assert figures(tea) == (3, 0, 3)
    assert facts(PlaceOrderHold) == []
    assert_adds_up()


def test_old_news_after_the_goods_have_left_changes_nothing():
    tea = stocked(3)
    reservation = held((tea, 3))
    execute(ConsumeReservation(reservation_id=reservation.id, order_id=reservation.order_id))

    deliver(created(reservation.order_id))

    assert status_of(reservation.id) == "CONSUMED"
    assert figures(tea) == (0, 0, 0)
    assert facts(PlaceOrderHold) == []
    assert_adds_up()
