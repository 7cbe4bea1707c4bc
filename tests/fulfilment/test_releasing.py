"""Releasing and consuming: once each, answered again for a repeat, in whatever order mail arrives."""

import pytest
from uuid_utils.compat import uuid7

from fulfilment.inventory.models import Reservation, StockMovement
from shop.contracts.fulfilment import ConsumeReservation, InventoryConsumed, InventoryReleased, ReleaseInventory
from shop.messaging.bus import execute
from shop.messaging.context import acting
from shop.messaging.errors import Missing, Refused
from tests.fulfilment.builders import (
    assert_adds_up,
    created,
    dead_mail,
    deliver,
    facts,
    figures,
    held,
    request,
    status_of,
    stocked,
)

pytestmark = pytest.mark.django_db


def test_gives_everything_back_and_says_so():
    tea, cup = stocked(10), stocked(4)
    reservation = held((tea, 3), (cup, 4))

    deliver(ReleaseInventory(reservation_id=reservation.id, reason="CHECKOUT_FAILED"))

    assert (figures(tea), figures(cup)) == ((10, 0, 10), (4, 0, 4))
    assert status_of(reservation.id) == "RELEASED"
    (fact,) = facts(InventoryReleased)
    assert (fact.reservation_id, fact.order_id, fact.cart_id, fact.checkout_session_id, fact.reason) == (
        reservation.id,
        reservation.order_id,
        reservation.cart_id,
        reservation.checkout_session_id,
        "CHECKOUT_FAILED",
    )
    assert {item.product_id: item.quantity for item in fact.items} == {tea: 3, cup: 4}
    assert_adds_up()


def test_releasing_again_changes_nothing_and_is_answered_again():
    tea = stocked(10)
    command = ReleaseInventory(reservation_id=held((tea, 3)).id, reason="CHECKOUT_FAILED")

    deliver(command, command)
    deliver(command)

    assert figures(tea) == (10, 0, 10)
    said = facts(InventoryReleased)
    assert len(said) == 3
    assert len({(fact.reason, fact.released_at) for fact in said}) == 1
    assert StockMovement.objects.filter(kind="RELEASED").count() == 1
    assert_adds_up()


def test_a_batch_of_releases_of_one_product():
    tea = stocked(10)
    commands = [ReleaseInventory(reservation_id=held((tea, 2)).id) for _ in range(5)]
    assert figures(tea) == (10, 10, 0)

    deliver(*commands)

    assert figures(tea) == (10, 0, 10)
    assert_adds_up()


def test_an_unknown_reservation_leaves_a_tombstone_and_the_waiting_checkout_is_answered():
    session, reservation_id = uuid7(), uuid7()

    with acting("system", session):
        deliver(ReleaseInventory(reservation_id=reservation_id, reason="CHECKOUT_FAILED"))

    assert status_of(reservation_id) == "RELEASED"
    (fact,) = facts(InventoryReleased)
    assert (fact.reservation_id, fact.checkout_session_id, fact.items) == (reservation_id, session, [])
    assert_adds_up()


def test_a_person_is_told_that_there_is_no_such_reservation():
    with pytest.raises(Missing):
        execute(ReleaseInventory(reservation_id=uuid7()))

    assert Reservation.objects.count() == 0


def test_a_failed_checkout_cannot_take_what_belongs_to_an_order():
    tea = stocked(10)
    reservation = held((tea, 3))
    other = held((tea, 1))
    deliver(created(reservation.order_id))

    deliver(
        ReleaseInventory(reservation_id=reservation.id, reason="CHECKOUT_FAILED"),
        ReleaseInventory(reservation_id=other.id, reason="CHECKOUT_FAILED"),
    )

    assert (status_of(reservation.id), status_of(other.id)) == ("HELD", "RELEASED")
    assert figures(tea) == (10, 3, 7)
    (error,) = dead_mail()
    assert "order of this reservation exists" in error


def test_a_cancelled_order_gives_its_stock_back():
    tea = stocked(10)
    reservation = held((tea, 3))
    deliver(created(reservation.order_id))

    deliver(ReleaseInventory(reservation_id=reservation.id, reason="ORDER_CANCELLED"))

    assert (status_of(reservation.id), figures(tea)) == ("RELEASED", (10, 0, 10))
    assert_adds_up()


def test_consuming_takes_the_goods_out_of_the_stock_once():
    tea, cup = stocked(10), stocked(5)
    reservation = held((tea, 3), (cup, 1))
    assert reservation.order_id
    command = ConsumeReservation(reservation_id=reservation.id, order_id=reservation.order_id)

    deliver(command, command)

    assert (figures(tea), figures(cup)) == ((7, 0, 7), (4, 0, 4))
    assert status_of(reservation.id) == "CONSUMED"
    first, again = facts(InventoryConsumed)
    assert first == again
    assert {item.product_id: item.quantity for item in first.items} == {tea: 3, cup: 1}
    assert_adds_up()


def test_what_has_left_cannot_be_released():
    tea = stocked(10)
    reservation = held((tea, 3))
    execute(ConsumeReservation(reservation_id=reservation.id, order_id=reservation.order_id))

    answer = execute(ReleaseInventory(reservation_id=reservation.id))

    assert answer.status == "CONSUMED"
    assert figures(tea) == (7, 0, 7)
    assert facts(InventoryReleased) == []
    assert_adds_up()


def test_what_was_released_cannot_be_consumed():
    tea = stocked(10)
    reservation = held((tea, 3))
    execute(ReleaseInventory(reservation_id=reservation.id))

    with pytest.raises(Refused, match="released"):
        execute(ConsumeReservation(reservation_id=reservation.id, order_id=reservation.order_id))

    assert figures(tea) == (10, 0, 10)
    assert_adds_up()


def test_one_order_cannot_consume_the_reservation_of_another():
    tea = stocked(10)
    reservation = held((tea, 3))

    with pytest.raises(Refused, match="another order"):
        execute(ConsumeReservation(reservation_id=reservation.id, order_id=uuid7()))
    with pytest.raises(Missing):
        execute(ConsumeReservation(reservation_id=uuid7(), order_id=uuid7()))

    assert figures(tea) == (10, 3, 7)
    assert_adds_up()


def test_released_stock_can_be_had_by_the_next():
    tea = stocked(3)
    first = held((tea, 3))
    deliver(request((tea, 1)))
    deliver(ReleaseInventory(reservation_id=first.id))

    held((tea, 3))

    assert figures(tea) == (3, 3, 0)
    assert_adds_up()
