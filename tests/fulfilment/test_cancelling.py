"""Stock of cancelled orders: released once, in whatever order it is heard."""

from uuid import UUID

import pytest

from fulfilment.inventory.models import Reservation
from shop.contracts.fulfilment import ExpireReservations
from shop.contracts.ordering import OrderCancelled
from shop.messaging.bus import execute
from tests.fulfilment.builders import (
    assert_adds_up,
    created,
    database_now,
    deliver,
    figures,
    held,
    make_overdue,
    stocked,
)

pytestmark = pytest.mark.django_db


def cancelled(order_id: UUID | None) -> OrderCancelled:
    assert order_id is not None
    return OrderCancelled(order_id=order_id, reason="CUSTOMER_REQUESTED", cancelled_at=database_now())


@pytest.mark.parametrize("bound_first", [True, False])
def test_a_cancelled_orders_stock_is_released_once(bound_first: bool) -> None:
    cup = stocked(5)
    order_id = held((cup, 3)).order_id
    facts = [created(order_id), cancelled(order_id)]
    for fact in facts if bound_first else reversed(facts):
        deliver(fact)
    deliver(cancelled(order_id))
    reservation = Reservation.objects.get()
    assert (reservation.status, reservation.release_reason, figures(cup)) == ("RELEASED", "ORDER_CANCELLED", (5, 0, 5))
    assert_adds_up()


def test_a_reservation_whose_time_was_up_is_not_taken_again_for_a_cancelled_order() -> None:
    cup = stocked(5)
    reservation = held((cup, 3))
    make_overdue(reservation)
    execute(ExpireReservations())
    deliver(cancelled(reservation.order_id))
    deliver(created(reservation.order_id))
    assert (Reservation.objects.get().status, figures(cup)) == ("EXPIRED", (5, 0, 5))
    assert_adds_up()
