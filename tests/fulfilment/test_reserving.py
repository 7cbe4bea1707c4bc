"""Reserving: whole or not at all, answered again for a repeat, never more than there is."""

from uuid import UUID

import pytest
from django.conf import settings
from uuid_utils.compat import uuid7

from fulfilment.inventory.models import Reservation, ReservationLine, StockMovement
from shop.contracts.fields import LARGEST_INTEGER
from shop.contracts.fulfilment import InventoryReserved, InventoryUnavailable, ReleaseInventory, StockLow
from shop.messaging.bus import execute
from shop.messaging.errors import Invalid, Refused
from tests.fulfilment.builders import assert_adds_up, deliver, facts, figures, held, request, status_of, stocked

pytestmark = pytest.mark.django_db


def shortages(fact: InventoryUnavailable) -> dict[UUID, tuple[int, int]]:
    return {item.product_id: (item.requested, item.available) for item in fact.unavailable_items}


def test_sets_aside_every_item_and_says_so():
    tea, cup = stocked(10), stocked(4)
    command = request((tea, 3), (cup, 4))

    deliver(command)

    assert figures(tea) == (10, 3, 7)
    assert figures(cup) == (4, 4, 0)
    (fact,) = facts(InventoryReserved)
    assert (fact.reservation_id, fact.order_id, fact.cart_id, fact.checkout_session_id) == (
        command.reservation_id,
        command.order_id,
        command.cart_id,
        command.checkout_session_id,
    )
    assert {item.product_id: item.quantity for item in fact.items} == {tea: 3, cup: 4}
    assert fact.expires_at is not None
    assert (fact.expires_at - fact.reserved_at).total_seconds() == settings.RESERVATION_MINUTES * 60
    assert_adds_up()


def test_takes_nothing_when_one_item_is_short():
    tea, cup = stocked(10), stocked(1)
    command = request((tea, 3), (cup, 2))

    deliver(command)

    assert figures(tea) == (10, 0, 10)
    assert figures(cup) == (1, 0, 1)
    (fact,) = facts(InventoryUnavailable)
    assert shortages(fact) == {cup: (2, 1)}
    assert (fact.reservation_id, fact.order_id, fact.cart_id, fact.checkout_session_id) == (
        command.reservation_id,
        command.order_id,
        command.cart_id,
        command.checkout_session_id,
    )
    assert facts(InventoryReserved) == []
    assert_adds_up()


def test_sums_a_product_that_is_listed_twice():
    tea = stocked(5)

    deliver(request((tea, 3), (tea, 3)))
    deliver(request((tea, 2), (tea, 3)))

    assert shortages(facts(InventoryUnavailable)[0]) == {tea: (6, 5)}
    assert figures(tea) == (5, 5, 0)
    assert list(ReservationLine.objects.values_list("product_id", "quantity")) == [(tea, 5)]


def test_an_unknown_product_has_none_available():
    unknown = uuid7()

    deliver(request((unknown, 1)))

    assert shortages(facts(InventoryUnavailable)[0]) == {unknown: (1, 0)}


def test_a_sum_beyond_what_can_be_counted_is_simply_unavailable():
    tea = stocked(5)

    deliver(request((tea, LARGEST_INTEGER), (tea, LARGEST_INTEGER)))

    assert shortages(facts(InventoryUnavailable)[0]) == {tea: (LARGEST_INTEGER, 5)}
    assert_adds_up()


def test_a_batch_is_decided_in_the_order_of_its_messages():
    tea = stocked(5)
    first, too_much, last = request((tea, 3)), request((tea, 3)), request((tea, 2))

    deliver(first, too_much, last)

    assert [fact.reservation_id for fact in facts(InventoryReserved)] == [first.reservation_id, last.reservation_id]
    assert shortages(facts(InventoryUnavailable)[0]) == {tea: (3, 2)}
    assert figures(tea) == (5, 5, 0)
    assert_adds_up()


def test_a_repeat_takes_nothing_more_and_is_answered_again():
    tea = stocked(5)
    command = request((tea, 3))

    deliver(command, command)
    deliver(command)

    assert figures(tea) == (5, 3, 2)
    said = facts(InventoryReserved)
    assert len(said) == 3
    assert len({(fact.reservation_id, fact.expires_at, fact.reserved_at) for fact in said}) == 1
    assert StockMovement.objects.filter(kind="RESERVED").count() == 1
    assert_adds_up()


def test_a_repeat_with_other_items_is_answered_with_what_is_held():
    tea, cup = stocked(5), stocked(5)
    command = request((tea, 3))

    deliver(command)
    deliver(request((cup, 1), reservation_id=command.reservation_id, cart_id=command.cart_id))

    assert [item.product_id for item in facts(InventoryReserved)[-1].items] == [tea]
    assert figures(cup) == (5, 0, 5)
    assert_adds_up()


def test_once_refused_stays_refused_even_when_goods_arrive():
    tea = stocked(1)
    command = request((tea, 2))
    deliver(command)
    assert status_of(command.reservation_id) == "RELEASED"

    deliver(ReleaseInventory(reservation_id=held((tea, 1)).id))
    deliver(request((tea, 1), reservation_id=command.reservation_id, cart_id=command.cart_id))

    assert figures(tea) == (1, 0, 1)
    assert [fact.reservation_id for fact in facts(InventoryUnavailable)] == [command.reservation_id] * 2
    assert_adds_up()


def test_a_request_that_comes_after_its_own_release_is_refused_but_answered():
    tea = stocked(5)
    command = request((tea, 3))
    assert command.reservation_id

    deliver(ReleaseInventory(reservation_id=command.reservation_id, reason="CHECKOUT_FAILED"))
    deliver(command)

    assert figures(tea) == (5, 0, 5)
    (fact,) = facts(InventoryUnavailable)
    assert fact.checkout_session_id == command.checkout_session_id
    assert_adds_up()


def test_a_cart_holds_one_reservation_at_a_time():
    tea = stocked(9)
    first = held((tea, 2))

    deliver(request((tea, 2), cart_id=first.cart_id))
    with pytest.raises(Refused, match="holds another") as refused:
        execute(request((tea, 2), cart_id=first.cart_id))

    assert refused.value.status == 409
    assert len(facts(InventoryUnavailable)) == 1
    assert Reservation.objects.filter(cart_id=first.cart_id, status="HELD").count() == 1
    assert figures(tea) == (9, 2, 7)
    assert_adds_up()


def test_two_reservations_for_one_cart_in_one_batch_give_one():
    tea, cart_id = stocked(9), uuid7()

    deliver(request((tea, 2), cart_id=cart_id), request((tea, 3), cart_id=cart_id))

    assert len(facts(InventoryReserved)) == len(facts(InventoryUnavailable)) == 1
    assert Reservation.objects.filter(cart_id=cart_id, status="HELD").count() == 1
    assert_adds_up()


def test_without_an_id_the_same_wish_for_the_same_cart_is_the_same_reservation():
    tea, cart_id = stocked(9), uuid7()

    first = execute(request((tea, 2), cart_id=cart_id, reservation_id=None))
    again = execute(request((tea, 2), cart_id=cart_id, reservation_id=None))

    assert first == again
    assert first.status == "HELD"
    assert figures(tea) == (9, 2, 7)
    assert_adds_up()


def test_a_caller_who_waits_is_refused_with_the_shortage_and_leaves_no_trace():
    tea = stocked(1)

    with pytest.raises(Refused) as refused:
        execute(request((tea, 2)))

    assert (refused.value.status, refused.value.code) == (409, "out_of_stock")
    assert refused.value.data == {"unavailableItems": [{"productId": str(tea), "requested": 2, "available": 1}]}
    assert Reservation.objects.count() == 0
    assert facts(InventoryUnavailable) == []


def test_a_reservation_of_nothing_is_invalid():
    with pytest.raises(Invalid):
        execute(request())

    deliver(request())

    assert len(facts(InventoryUnavailable)) == 1
    assert_adds_up()


def test_says_once_per_fall_that_stock_is_low():
    tea = stocked(10, threshold=5)

    first = held((tea, 5))
    assert facts(StockLow) == []
    deliver(request((tea, 1)), request((tea, 1)))
    assert [(low.available, low.threshold) for low in facts(StockLow)] == [(4, 5)]

    deliver(ReleaseInventory(reservation_id=first.id))
    deliver(request((tea, 4)))
    assert [low.available for low in facts(StockLow)] == [4, 4]
    assert_adds_up()


def test_a_movement_says_who_and_which_message_caused_it():
    tea = stocked(10)
    reservation = held((tea, 2))

    movement = StockMovement.objects.get(kind="RESERVED")

    assert movement.reservation_id == reservation.id
    assert (movement.sequence, movement.on_hand_after, movement.reserved_after) == (2, 10, 2)
    assert movement.message_id is not None
    assert movement.actor == "system"
