"""Expiry: by the database's clock, in chunks, and never of what has an order."""

from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from uuid_utils.compat import uuid7

from fulfilment.inventory.models import Reservation
from shop.contracts.fulfilment import (
    ExpireReservations,
    ExtendReservation,
    InventoryReleased,
    ReleaseInventory,
)
from shop.messaging.bus import execute
from shop.messaging.errors import Missing, Refused
from shop.messaging.models import OperatorAction
from tests.fulfilment.builders import (
    assert_adds_up,
    created,
    deliver,
    facts,
    figures,
    held,
    make_overdue,
    request,
    status_of,
    stocked,
)

pytestmark = pytest.mark.django_db


def several(product_id: UUID, count: int) -> list[Reservation]:
    return [held((product_id, 1)) for _ in range(count)]


def test_what_was_held_too_long_is_given_back():
    tea = stocked(10)
    overdue, in_time = held((tea, 3)), held((tea, 2))
    make_overdue(overdue)

    deliver(ExpireReservations())

    assert (status_of(overdue.id), status_of(in_time.id)) == ("EXPIRED", "HELD")
    assert figures(tea) == (10, 2, 8)
    (fact,) = facts(InventoryReleased)
    assert (fact.reservation_id, fact.reason, fact.checkout_session_id) == (
        overdue.id,
        "EXPIRED",
        overdue.checkout_session_id,
    )
    assert_adds_up()


def test_what_has_an_order_never_expires():
    tea = stocked(10)
    reservation = held((tea, 3))
    deliver(created(reservation.order_id))
    make_overdue(reservation)

    deliver(ExpireReservations())

    assert status_of(reservation.id) == "HELD"
    assert figures(tea) == (10, 3, 7)
    assert_adds_up()


def test_a_full_chunk_asks_for_the_next_until_none_is_left():
    tea = stocked(10)
    make_overdue(*several(tea, 7))

    deliver(ExpireReservations(limit=2))

    assert Reservation.objects.filter(status="EXPIRED").count() == 7
    assert figures(tea) == (10, 0, 10)
    assert_adds_up()


def test_one_chunk_is_no_larger_than_asked():
    tea = stocked(10)
    make_overdue(*several(tea, 5))

    execute(ExpireReservations(limit=3))

    assert Reservation.objects.filter(status="EXPIRED").count() == 3


def test_releasing_what_has_expired_is_answered_as_released():
    tea = stocked(10)
    reservation = held((tea, 3))
    make_overdue(reservation)
    deliver(ExpireReservations())

    deliver(ReleaseInventory(reservation_id=reservation.id, reason="CHECKOUT_FAILED"))

    assert status_of(reservation.id) == "EXPIRED"
    assert [fact.reason for fact in facts(InventoryReleased)] == ["EXPIRED", "EXPIRED"]
    assert figures(tea) == (10, 0, 10)
    assert_adds_up()


def test_an_expired_reservation_cannot_be_had_again():
    tea = stocked(10)
    command = request((tea, 3))
    deliver(command)
    make_overdue(Reservation.objects.get())
    deliver(ExpireReservations())

    deliver(command)

    assert status_of(command.reservation_id) == "EXPIRED"
    assert figures(tea) == (10, 0, 10)
    assert_adds_up()


def test_extending_counts_from_the_end_or_from_now_and_is_on_record():
    tea = stocked(10)
    reservation = held((tea, 3))
    assert reservation.expires_at

    view = execute(ExtendReservation(reservation_id=reservation.id, minutes=30, reason="customer on the phone"))

    assert view.expires_at == reservation.expires_at + timedelta(minutes=30)
    make_overdue(reservation)
    execute(ExtendReservation(reservation_id=reservation.id, minutes=1))
    deliver(ExpireReservations())
    assert status_of(reservation.id) == "HELD"
    assert [action.verb for action in OperatorAction.objects.all()] == ["extend_reservation"] * 2


def test_what_holds_nothing_cannot_be_extended():
    tea = stocked(10)
    reservation = held((tea, 3))
    execute(ReleaseInventory(reservation_id=reservation.id))

    with pytest.raises(Refused, match="holds no stock"):
        execute(ExtendReservation(reservation_id=reservation.id, minutes=5))
    with pytest.raises(Missing):
        execute(ExtendReservation(reservation_id=uuid7(), minutes=5))


def test_extending_what_has_an_order_leaves_it_as_it_is():
    tea = stocked(10)
    reservation = held((tea, 3))
    deliver(created(reservation.order_id))

    view = execute(ExtendReservation(reservation_id=reservation.id, minutes=5))

    assert (view.status, view.expires_at) == ("HELD", None)
    assert Reservation.objects.get().expires_at == reservation.expires_at


def test_the_command_works_in_chunks_until_none_is_left():
    tea = stocked(10)
    make_overdue(*several(tea, 5))
    held((tea, 1))
    out = StringIO()

    call_command("expire_reservations", "--chunk", "2", stdout=out)

    assert "5 reservations expired, 0 left" in out.getvalue()
    assert figures(tea) == (10, 1, 9)


def test_the_command_refuses_a_chunk_that_makes_no_sense():
    with pytest.raises(CommandError, match="between"):
        call_command("expire_reservations", "--chunk", "0")
