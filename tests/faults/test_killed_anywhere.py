"""kill -9 at every crash point of every step: afterwards one order or none, and nothing to repair by hand."""

import pytest

from tests.faults.tools import Shop, forget_time, killed, live_holds, open_mail, orders, states, violations

SAGA = "ordering.checkout.saga"
ON_THE_WAY = [
    *(f"{SAGA}#{n}" for n in (1, 2, 3, 4)),
    "fulfilment.inventory.reserve_inventory",
    "ordering.orders.create_order",
    "fulfilment.inventory.bind_reservation_when_order_created",
    "payments.capture_payment_when_order_confirmed",
]
ON_THE_WAY_BACK = [*(f"{SAGA}#{n}" for n in (3, 4)), "fulfilment.inventory.release_inventory"]
PAYING = ["payments.authorize_payment", "payments.capture_payment"]
INSIDE = ["deliver.before_handler", "deliver.before_done", "deliver.before_commit", "deliver.after_commit"]
OUTSIDE = ["outside.after_claim", "outside.after_call", "outside.before_commit", "outside.after_commit"]


def places(points: list[str], subscribers: list[str]) -> list[str]:
    return [f"{point}:{subscriber}" for point in points for subscriber in subscribers]


def die_and_come_back(shop: Shop, place: str, **how: str) -> None:
    assert shop.work(crash_at=place, **how) == killed(), f"{place} was never passed"
    forget_time()
    assert shop.work() == 0
    assert open_mail() == 0
    assert violations() == []


@pytest.mark.parametrize("place", places(INSIDE, ON_THE_WAY) + places(OUTSIDE, PAYING))
def test_a_good_checkout_has_exactly_one_order(shop: Shop, place: str) -> None:
    shop.checkout()
    die_and_come_back(shop, place)
    assert set(states().values()) == {"COMPLETED"}
    assert orders() == 1
    assert live_holds(shop.sandbox) == 1


@pytest.mark.parametrize("place", places(["deliver.after_commit"], ON_THE_WAY))
def test_hop_by_hop_it_is_the_same(shop: Shop, place: str) -> None:
    """Where every hop has a transaction of its own, a worker may die between any two."""
    shop.checkout()
    die_and_come_back(shop, place, HOP_BY_HOP="1")
    assert set(states().values()) == {"COMPLETED"}
    assert orders() == live_holds(shop.sandbox) == 1


@pytest.mark.parametrize("place", places(INSIDE, ON_THE_WAY_BACK) + places(OUTSIDE, ["payments.authorize_payment"]))
def test_a_declined_checkout_has_none_and_holds_nothing(shop: Shop, place: str) -> None:
    shop.checkout(method="pm_card_chargeDeclined")
    die_and_come_back(shop, place)
    assert set(states().values()) == {"ABORTED"}
    assert orders() == 0
    assert live_holds(shop.sandbox) == 0
