"""Many buyers, few units: exactly as many sold as there are. Each net that holds this is taken away and seen to matter."""

import threading
from collections.abc import Collection
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.models import Sum
from pydantic import ValidationError

from fulfilment.inventory import ledger
from fulfilment.inventory.ledger import CHANGE, GUARD, LOCK_STOCK, StockGuardRefused, StockLedger
from fulfilment.inventory.models import ReservationLine
from fulfilment.inventory.states import MovementKind
from shop.contracts.fulfilment import InventoryReserved, InventoryUnavailable, ReleaseInventory
from shop.messaging.bus import execute, send, unit_of_work
from shop.messaging.delivery import retrying
from shop.messaging.errors import Refused
from tests.fulfilment.builders import assert_adds_up, empty_queue, facts, figures, held, request, stocked
from tests.fulfilment.race import at_once, wait_until_blocked, without

pytestmark = pytest.mark.django_db(transaction=True)

BUYERS, UNITS, THREADS = 300, 50, 12


def sold(product_id: UUID) -> int:
    lines = ReservationLine.objects.filter(product_id=product_id, reservation__status="HELD")
    return lines.aggregate(total=Sum("quantity"))["total"] or 0


def rush(product_id: UUID, buyers: int = BUYERS) -> list[str]:
    """So many buyers of one unit each, over ``THREADS`` connections; what became of each."""

    def buy() -> list[str]:
        return [attempt(product_id) for _ in range(buyers // THREADS)]

    outcomes: list[Any] = at_once([buy] * THREADS)
    return [outcome for several in outcomes for outcome in several]


def attempt(product_id: UUID) -> str:
    try:
        execute(request((product_id, 1)))
    except Refused as refused:
        return refused.code
    except (StockGuardRefused, IntegrityError, ValidationError) as error:
        return type(error).__name__
    return "sold"


def nobody_locks(monkeypatch: pytest.MonkeyPatch, readers: int) -> None:
    """Rows are read without a lock, and every reader waits until all have read."""
    together = threading.Barrier(readers)
    lock = StockLedger.lock

    def read(product_ids: Collection[UUID]) -> StockLedger:
        found = lock(product_ids)
        together.wait(timeout=20)
        return found

    monkeypatch.setattr(ledger, "LOCK_STOCK", LOCK_STOCK.replace("FOR UPDATE", ""))
    monkeypatch.setattr(StockLedger, "lock", read)


def nobody_guards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are changed whatever they had."""
    assert GUARD in CHANGE
    monkeypatch.setattr(ledger, "CHANGE", CHANGE.replace(GUARD, "true"))


def test_300_buyers_for_50_units_who_wait_for_the_answer():
    tea = stocked(UNITS)

    outcomes = rush(tea)

    assert outcomes.count("sold") == UNITS
    assert outcomes.count("out_of_stock") == BUYERS - UNITS
    assert figures(tea) == (UNITS, UNITS, 0)
    assert sold(tea) == UNITS
    assert_adds_up()


def test_300_buyers_for_50_units_by_mail_and_four_workers():
    tea = stocked(UNITS)
    with unit_of_work():
        for _ in range(BUYERS):
            send(request((tea, 1)))

    assert at_once([empty_queue] * 4) == [None] * 4

    assert (len(facts(InventoryReserved)), len(facts(InventoryUnavailable))) == (UNITS, BUYERS - UNITS)
    assert sold(tea) == UNITS
    assert_adds_up()


def test_without_any_net_the_same_rush_oversells(monkeypatch):
    with without("stock_never_oversold", "stock_ledger_sequence"):
        tea = stocked(UNITS)
        nobody_guards(monkeypatch)
        nobody_locks(monkeypatch, THREADS)

        outcomes = rush(tea)

        assert outcomes.count("sold") > UNITS
        assert sold(tea) > UNITS


@pytest.mark.parametrize(
    ("guarded", "dropped", "caught_by"),
    [
        (True, [], "StockGuardRefused"),
        (False, [], "IntegrityError"),
        (False, ["stock_never_oversold"], "IntegrityError"),
    ],
    ids=["the guard", "the check", "the ledger's sequence"],
)
def test_without_the_lock_the_next_net_catches_it(monkeypatch, guarded, dropped, caught_by):
    with without(*dropped):
        tea = stocked(1)
        if not guarded:
            nobody_guards(monkeypatch)
        nobody_locks(monkeypatch, 2)

        outcomes = at_once([lambda: attempt(tea)] * 2)

        assert sorted(map(str, outcomes)) == sorted(["sold", caught_by])
        assert sold(tea) == 1


def test_a_decision_that_was_wrong_is_not_written():
    tea = stocked(3)

    with unit_of_work():
        stock = StockLedger.lock([tea])
        stock.levels[tea].on_hand = 10
        stock.move(MovementKind.RESERVED, tea, ledger.current_cause(), reserved=4)
        with pytest.raises(StockGuardRefused, match=str(tea)):
            stock.write()

    assert figures(tea) == (3, 0, 3)
    assert_adds_up()


def trade(first: UUID, second: UUID, rounds: int) -> None:
    """Reserve the two in this order and let go of them again."""
    for _ in range(rounds):
        reservation = request((first, 1), (second, 1))
        assert reservation.reservation_id
        execute(reservation)
        execute(ReleaseInventory(reservation_id=reservation.reservation_id))


def test_lines_in_opposite_order_never_deadlock(monkeypatch):
    monkeypatch.setattr(retrying, "TRANSIENT", frozenset())
    tea, cup = stocked(100), stocked(100)

    results = at_once([lambda: trade(tea, cup, 15), lambda: trade(cup, tea, 15)] * 3)

    assert results == [None] * 6
    assert (figures(tea), figures(cup)) == ((100, 0, 100), (100, 0, 100))
    assert_adds_up()


def test_rows_locked_in_the_order_of_the_lines_do_deadlock(monkeypatch):
    monkeypatch.setattr(retrying, "TRANSIENT", frozenset())
    tea, cup = stocked(100), stocked(100)
    together = threading.Barrier(2)
    lock = StockLedger.lock

    def one_by_one(product_ids: Collection[UUID]) -> StockLedger:
        levels: dict[UUID, ledger.Level] = {}
        for product_id in product_ids:
            levels |= lock([product_id]).levels
            if len(levels) == 1:
                together.wait(timeout=20)
        return StockLedger(levels)

    monkeypatch.setattr(StockLedger, "lock", one_by_one)

    def buy(*products: UUID) -> object:
        return execute(request(*((product_id, 1) for product_id in products)))

    results = at_once([lambda: buy(tea, cup), lambda: buy(cup, tea)])

    assert any("deadlock" in str(result) for result in results)


def test_the_same_request_from_many_workers_at_once_is_one_reservation():
    tea = stocked(UNITS)
    command = request((tea, 2))

    views = at_once([lambda: execute(command)] * 8)

    assert len({repr(view) for view in views}) == 1
    assert figures(tea) == (UNITS, 2, UNITS - 2)
    assert_adds_up()


def test_a_request_and_its_release_at_once_leave_nothing_behind():
    tea = stocked(UNITS)
    for _ in range(20):
        command = request((tea, 1))
        assert command.reservation_id
        release = ReleaseInventory(reservation_id=command.reservation_id)

        def ask_and_deliver(message: Any) -> None:
            with unit_of_work():
                send(message)
            empty_queue()

        results = at_once([lambda m=command: ask_and_deliver(m), lambda m=release: ask_and_deliver(m)])
        assert results == [None, None]

    assert sold(tea) == 0
    assert figures(tea) == (UNITS, 0, UNITS)
    assert_adds_up()


def test_releasing_the_same_reservation_from_many_workers_gives_back_once():
    tea = stocked(UNITS)
    held((tea, 20))
    reservation = held((tea, 5))

    views = at_once([lambda: execute(ReleaseInventory(reservation_id=reservation.id))] * 8)

    assert [getattr(view, "status", view) for view in views] == ["RELEASED"] * 8
    assert figures(tea) == (UNITS, 20, UNITS - 20)
    assert_adds_up()


def test_a_release_waits_for_the_one_that_is_not_committed_yet():
    tea = stocked(UNITS)
    held((tea, 20))
    reservation = held((tea, 5))
    released = threading.Event()

    def release_slowly() -> None:
        with unit_of_work():
            send(ReleaseInventory(reservation_id=reservation.id))
        with unit_of_work():
            empty_queue()
            released.set()
            wait_until_blocked()

    def release_meanwhile() -> str:
        assert released.wait(timeout=20)
        return str(execute(ReleaseInventory(reservation_id=reservation.id)).status)

    assert at_once([release_slowly, release_meanwhile]) == [None, "RELEASED"]
    assert figures(tea) == (UNITS, 20, UNITS - 20)
    assert_adds_up()
