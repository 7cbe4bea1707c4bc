"""The ledger answers why a figure is what it is, and says so when it cannot."""

import pytest
from django.db import connection
from uuid_utils.compat import uuid7

from fulfilment.inventory.explain import explain_stock, reservations_of_order
from fulfilment.inventory.invariants import check
from shop.contracts.fulfilment import AdjustStock, ConsumeReservation, ReceiveStock, ReleaseInventory
from shop.messaging.bus import execute
from shop.messaging.errors import Missing
from tests.fulfilment.builders import created, deliver, held, stocked

pytestmark = pytest.mark.django_db


def damage(sql: str, *parameters: object) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
    return [violation.rule for violation in check()]


def test_why_is_this_47():
    tea = stocked(60)
    sold = held((tea, 10))
    execute(ConsumeReservation(reservation_id=sold.id, order_id=sold.order_id))
    execute(AdjustStock(product_id=tea, delta=-3, reason="broken in the aisle"))
    waiting, ordered = held((tea, 2)), held((tea, 5))
    deliver(created(ordered.order_id))

    explained = explain_stock(tea)

    assert explained.item.on_hand == 47
    assert explained.adds_up
    assert explained.sentence == ("47 on hand (adjusted -3, consumed -10, received +60), 7 of them reserved, so 40 available.")
    running = [(line.sequence, line.kind, line.on_hand, line.reserved) for line in explained.lines]
    assert running == [
        (6, "RESERVED", 47, 7),
        (5, "RESERVED", 47, 2),
        (4, "ADJUSTED", 47, 0),
        (3, "CONSUMED", 50, 0),
        (2, "RESERVED", 60, 10),
        (1, "RECEIVED", 60, 0),
    ]
    assert explained.lines[2].reason == "broken in the aisle"
    assert [(holding.reservation_id, holding.quantity, holding.expires_at) for holding in explained.holdings] == [
        (waiting.id, 2, waiting.expires_at),
        (ordered.id, 5, None),
    ]
    assert [reservation.id for reservation in reservations_of_order(ordered.order_id)] == [ordered.id]


def test_the_newest_lines_are_summed_over_the_whole_ledger():
    tea = stocked(10)
    for quantity in (1, 2, 3):
        execute(ReceiveStock(product_id=tea, quantity=quantity))

    explained = explain_stock(tea, lines=2)

    assert [(line.sequence, line.on_hand) for line in explained.lines] == [(4, 16), (3, 13)]
    assert explained.adds_up


def test_a_product_never_stocked_has_nothing_to_explain():
    with pytest.raises(Missing):
        explain_stock(uuid7())


def test_a_sound_shop_has_no_violations():
    tea = stocked(10)
    execute(ReleaseInventory(reservation_id=held((tea, 3)).id))
    held((tea, 1))

    assert list(check()) == []


def test_stock_changed_past_its_ledger_is_found():
    tea = stocked(10)

    rules = damage("UPDATE fulfilment_stockitem SET on_hand = 12 WHERE product_id = %s", tea)

    assert rules == ["stock equals the sum of its ledger"]
    assert not explain_stock(tea).adds_up
    assert "does not add up" in explain_stock(tea).sentence
    assert [violation.subject for violation in check()] == [str(tea)]


def test_a_ledger_line_that_was_changed_is_found():
    tea = stocked(10)
    held((tea, 1))

    rules = damage("UPDATE fulfilment_stockmovement SET on_hand_after = 9 WHERE product_id = %s AND sequence = 1", tea)

    assert rules == ["every ledger line follows from the one before"] * 2


def test_a_ledger_line_that_was_deleted_is_found():
    tea = stocked(10)
    held((tea, 1))

    rules = damage("DELETE FROM fulfilment_stockmovement WHERE product_id = %s AND sequence = 1", tea)

    assert "stock equals the sum of its ledger" in rules


def test_a_reservation_that_lost_its_stock_is_found():
    tea = stocked(10)
    reservation = held((tea, 1))

    rules = damage("UPDATE fulfilment_reservation SET status = 'RELEASED', closed_at = now() WHERE id = %s", reservation.id)

    assert rules == ["reserved is what open reservations hold"]


def test_of_a_long_ledger_only_the_newest_part_is_summed_and_it_still_adds_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fulfilment.inventory.explain.MOST_SUMMED", 3)
    tea = stocked(10)
    for quantity in (1, 2, 3):
        execute(ReceiveStock(product_id=tea, quantity=quantity))
    held((tea, 4))

    explained = explain_stock(tea)

    assert explained.adds_up
    assert explained.sentence == "16 on hand (11 after the first 2 movements, received +5), 4 of them reserved, so 12 available."
    assert [(line.sequence, line.on_hand, line.reserved) for line in explained.lines] == [(5, 16, 4), (4, 16, 0), (3, 13, 0)]
    assert [holding.quantity for holding in explained.holdings] == [4]
