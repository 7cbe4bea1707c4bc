"""Time is up while the order is being created: one row lock decides, and an order never ends up with nothing said."""

import random
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from config.switchboard import COMMANDS, EVENTS, QUERIES
from fulfilment.inventory.models import Reservation
from shop.contracts.fulfilment import ExpireReservations
from shop.contracts.ordering import PlaceOrderHold
from shop.messaging.bus import execute, publish, unit_of_work
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.delivery.claim import routes_with_mail
from shop.messaging.errors import Refused
from shop.messaging.switchboard import Switchboard, route
from tests.boards import using
from tests.fulfilment.builders import (
    assert_adds_up,
    created,
    facts,
    figures,
    held,
    make_overdue,
    request,
    status_of,
    stocked,
)
from tests.fulfilment.race import at_once, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 25


def ordering_place_order_hold(command: PlaceOrderHold) -> None:
    """Stands for the department that holds orders: these tests look at what it is asked for."""


@pytest.fixture(autouse=True)
def _somebody_holds_orders() -> Iterator[None]:
    commands = {**COMMANDS, PlaceOrderHold: route(ordering_place_order_hold, queue="ordering")}
    with using(Switchboard(commands=commands, events=EVENTS, queries=QUERIES)):
        yield


def announce(reservation: Reservation) -> None:
    with unit_of_work():
        publish(created(reservation.order_id))


def deliver_the_news() -> None:
    for entry in routes_with_mail("fulfilment"):
        deliver_batch(entry)


def expire() -> None:
    execute(ExpireReservations())


def overdue_with_an_order(quantity: int = 3) -> Reservation:
    reservation = held((stocked(quantity), quantity))
    make_overdue(reservation)
    announce(reservation)
    return reservation


def is_bound(reservation: Reservation) -> bool:
    row = Reservation.objects.get(id=reservation.id)
    return row.status == "HELD" and row.order_bound


def test_the_order_first():
    reservation = overdue_with_an_order()

    deliver_the_news()
    expire()

    assert is_bound(reservation)
    assert_adds_up()


def test_the_clock_first():
    reservation = overdue_with_an_order()

    expire()
    assert status_of(reservation.id) == "EXPIRED"
    deliver_the_news()

    assert is_bound(reservation)
    assert facts(PlaceOrderHold) == []
    assert_adds_up()


def test_the_clock_passes_over_what_is_being_bound_at_this_moment():
    reservation = overdue_with_an_order()

    with unit_of_work():
        deliver_the_news()
        assert at_once([expire]) == [None]
        assert not is_bound_for_others(reservation)

    expire()
    assert is_bound(reservation)
    assert_adds_up()


def is_bound_for_others(reservation: Reservation) -> bool:
    """What another connection sees."""
    (seen,) = at_once([lambda: is_bound(reservation)])
    return bool(seen)


def test_the_order_waits_for_the_clock_and_takes_its_stock_again():
    reservation = overdue_with_an_order()
    expiring = threading.Event()

    def expire_slowly() -> None:
        with unit_of_work():
            COMMANDS[ExpireReservations](ExpireReservations())  # type: ignore[operator]
            expiring.set()
            wait_until_blocked()

    def deliver_after() -> None:
        assert expiring.wait(30)
        deliver_the_news()

    assert at_once([expire_slowly, deliver_after]) == [None, None]

    assert is_bound(reservation)
    assert figures_of(reservation) == (3, 3, 0)
    assert_adds_up()


def figures_of(reservation: Reservation) -> tuple[int, int, int]:
    line = reservation.lines.get()
    return figures(line.product_id)


def test_whoever_is_first_the_order_has_its_stock_or_is_held():
    chance = random.Random(7)
    for _ in range(ROUNDS):
        reservation = overdue_with_an_order(quantity=1)
        tea = reservation.lines.get().product_id

        def buy(product_id=tea) -> None:
            with suppress(Refused):
                execute(request((product_id, 1)))

        work = [expire, deliver_the_news, buy]
        chance.shuffle(work)
        assert at_once(work) == [None] * 3

        rechecks = [hold for hold in facts(PlaceOrderHold) if hold.order_id == reservation.order_id]
        assert is_bound(reservation) != bool(rechecks)
        assert figures(tea) == (1, 1, 0)
    assert_adds_up()
