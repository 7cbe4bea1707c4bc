"""A reservation's time is up while its order is being created: the order has its stock, or somebody is asked to look."""

from uuid import UUID

import pytest
from django.db import connection
from uuid_utils.compat import uuid7

from fulfilment.inventory.models import Reservation, StockItem
from ordering.orders.models import Order, OrderHold
from shop.contracts.fulfilment import ExpireReservations, ReservedItem
from shop.contracts.ordering import ReserveInventory
from shop.contracts.shopping import CheckoutCart
from shop.messaging.bus import execute
from shop.messaging.doorbell import listening
from tests.faults.live import carts_of, product_with
from tests.faults.tools import Shop, forget_time, killed, live_holds, open_mail, orders, states, violations

pytestmark = [pytest.mark.xdist_group("faults-expiring"), pytest.mark.slow]

CREATING = [f"deliver.{point}:ordering.orders.create_order" for point in ("before_commit", "after_commit")]
BINDING = ["deliver.before_commit:fulfilment.inventory.bind_reservation_when_order_created"]


def buy_the_last(shop: Shop) -> UUID:
    """Check out the only piece of a product."""
    product = product_with(1)
    ((cart, customer, _),) = carts_of(shop.data, product, 1)
    with listening():
        execute(CheckoutCart(cart_id=cart, customer_id=customer, delivery_method="CLICK_AND_COLLECT"))
    return product


def time_is_up() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE fulfilment_reservation SET expires_at = now() - interval '1 second' WHERE expires_at IS NOT NULL")


def expire() -> None:
    time_is_up()
    with listening():
        execute(ExpireReservations())


def somebody_else_takes(product: UUID) -> None:
    ids = {name: uuid7() for name in ("cart_id", "reservation_id", "customer_id", "order_id", "checkout_session_id")}
    with listening():
        execute(ReserveInventory(**ids, items=[ReservedItem(product_id=product, quantity=1)]))


def end_well(shop: Shop) -> None:
    forget_time()
    assert shop.work() == 0
    assert open_mail() == 0
    assert violations() == []
    assert set(states().values()) == {"COMPLETED"}
    assert orders() == live_holds(shop.sandbox) == 1


def stock(product: UUID) -> tuple[int, int]:
    found = StockItem.objects.get(product_id=product)
    return found.on_hand, found.reserved


@pytest.mark.parametrize("place", [*CREATING, *BINDING])
def test_time_is_up_and_nobody_else_wants_it(shop: Shop, place: str) -> None:
    product = buy_the_last(shop)
    assert shop.work(crash_at=place) == killed()
    expire()
    end_well(shop)
    reservation = Reservation.objects.get(order_id=Order.objects.get().id)
    assert (reservation.status, reservation.order_bound) == ("HELD", True)
    assert stock(product) == (1, 1)
    assert not OrderHold.objects.exists()


@pytest.mark.parametrize("place", CREATING)
def test_time_is_up_and_somebody_else_takes_it(shop: Shop, place: str) -> None:
    product = buy_the_last(shop)
    assert shop.work(crash_at=place, HOP_BY_HOP="1") == killed()
    expire()
    somebody_else_takes(product)
    end_well(shop)
    assert stock(product) == (1, 1)
    assert Reservation.objects.get(order_id=Order.objects.get().id).status == "EXPIRED"
    assert OrderHold.objects.get().reason == "INVENTORY_RECHECK"
    assert Order.objects.get().lifecycle_status == "ON_HOLD"
