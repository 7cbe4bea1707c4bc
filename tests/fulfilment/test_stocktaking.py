"""What people do to stock, and what they are told when it cannot be done."""

import pytest
from uuid_utils.compat import uuid7

from fulfilment.inventory.models import StockItem, StockMovement
from shop.contracts.fields import LARGEST_INTEGER
from shop.contracts.fulfilment import (
    AdjustStock,
    GetStockLevel,
    GetStockLevels,
    ReceiveStock,
    RecountStock,
    SetLowStockThreshold,
    StockLow,
)
from shop.messaging.bus import ask, execute
from shop.messaging.context import acting
from shop.messaging.errors import Missing, Refused, Unprocessable
from shop.messaging.models import OperatorAction
from tests.fulfilment.builders import assert_adds_up, facts, figures, held, stocked

pytestmark = pytest.mark.django_db


def test_goods_arrive_for_a_product_that_was_never_stocked():
    tea = uuid7()

    with acting("staff:ann"):
        view = execute(ReceiveStock(product_id=tea, quantity=12, reference="DN-7", reason="first delivery"))

    assert (view.on_hand, view.reserved, view.available) == (12, 0, 12)
    movement = StockMovement.objects.get()
    assert (movement.kind, movement.delta_on_hand, movement.reference, movement.reason, movement.actor) == (
        "RECEIVED",
        12,
        "DN-7",
        "first delivery",
        "staff:ann",
    )
    assert_adds_up()


def test_a_delivery_note_brings_a_product_once():
    tea, cup = stocked(1), stocked(1)
    execute(ReceiveStock(product_id=tea, quantity=12, reference="DN-7"))

    again = execute(ReceiveStock(product_id=tea, quantity=12, reference="DN-7"))
    execute(ReceiveStock(product_id=cup, quantity=5, reference="DN-7"))
    with pytest.raises(Refused, match="already brought 12"):
        execute(ReceiveStock(product_id=tea, quantity=13, reference="DN-7"))

    assert again.on_hand == 13
    assert (figures(tea), figures(cup)) == ((13, 0, 13), (6, 0, 6))
    assert_adds_up()


def test_no_more_than_can_be_counted():
    tea = stocked(10)

    with pytest.raises(Unprocessable):
        execute(ReceiveStock(product_id=tea, quantity=LARGEST_INTEGER))
    with pytest.raises(Unprocessable):
        execute(AdjustStock(product_id=tea, delta=LARGEST_INTEGER, reason="typo"))

    assert figures(tea) == (10, 0, 10)
    assert_adds_up()


def test_an_adjustment_changes_the_figures_and_is_on_record():
    tea = stocked(10)
    held((tea, 4))

    with acting("staff:ann"):
        view = execute(AdjustStock(product_id=tea, delta=-6, reason="broken in the aisle"))

    assert (view.on_hand, view.reserved, view.available) == (4, 4, 0)
    action = OperatorAction.objects.get()
    assert (action.actor, action.verb, action.target_id, action.reason) == (
        "staff:ann",
        "adjust_stock",
        str(tea),
        "broken in the aisle",
    )
    assert (action.before["onHand"], action.after["onHand"]) == (10, 4)
    assert_adds_up()


@pytest.mark.parametrize("delta", [-7, -10, -11, -LARGEST_INTEGER])
def test_an_adjustment_below_what_is_reserved_is_refused_with_the_figures(delta):
    tea = stocked(10)
    held((tea, 4))

    with pytest.raises(Refused) as refused:
        execute(AdjustStock(product_id=tea, delta=delta, reason="broken"))

    assert refused.value.code == "stock_is_reserved"
    assert refused.value.data == {"onHand": 10, "reserved": 4, "available": 6, "delta": delta}
    assert figures(tea) == (10, 4, 6)
    assert OperatorAction.objects.count() == 0
    assert_adds_up()


def test_a_recount_sets_what_is_on_hand():
    tea = stocked(10)
    held((tea, 4))

    execute(RecountStock(product_id=tea, counted=13, reason="yearly count"))
    execute(RecountStock(product_id=tea, counted=13, reason="counted twice"))
    with pytest.raises(Refused):
        execute(RecountStock(product_id=tea, counted=3, reason="miscounted"))

    assert figures(tea) == (13, 4, 9)
    recounts = StockMovement.objects.filter(kind="RECOUNTED").order_by("sequence")
    assert [(movement.delta_on_hand, movement.on_hand_after) for movement in recounts] == [(3, 13), (0, 13)]
    assert_adds_up()


def test_a_recount_of_something_never_stocked_begins_its_ledger():
    tea = uuid7()

    execute(RecountStock(product_id=tea, counted=3, reason="found on a shelf"))

    assert figures(tea) == (3, 0, 3)
    assert_adds_up()


def test_a_product_never_stocked_can_neither_be_adjusted_nor_watched():
    with pytest.raises(Missing):
        execute(AdjustStock(product_id=uuid7(), delta=1, reason="typo"))
    with pytest.raises(Missing):
        execute(SetLowStockThreshold(product_id=uuid7(), threshold=1))

    assert StockItem.objects.count() == 0


def test_setting_a_threshold_above_what_is_left_says_so_at_once_and_once():
    tea = stocked(4)

    execute(SetLowStockThreshold(product_id=tea, threshold=4))
    assert facts(StockLow) == []
    execute(SetLowStockThreshold(product_id=tea, threshold=5))
    execute(SetLowStockThreshold(product_id=tea, threshold=6))
    assert [(low.available, low.threshold) for low in facts(StockLow)] == [(4, 5)]

    execute(ReceiveStock(product_id=tea, quantity=2))
    execute(AdjustStock(product_id=tea, delta=-1, reason="broken"))
    assert [(low.available, low.threshold) for low in facts(StockLow)] == [(4, 5), (5, 6)]
    assert OperatorAction.objects.filter(verb="set_low_stock_threshold").count() == 3


def test_levels_are_told_for_what_is_stocked():
    tea, cup = stocked(10, threshold=3), stocked(0)
    held((tea, 4))

    one = ask(GetStockLevel(product_id=tea))
    many = ask(GetStockLevels(product_ids=[tea, uuid7(), cup, tea]))

    assert (one.on_hand, one.reserved, one.available, one.low_stock_threshold) == (10, 4, 6, 3)
    assert {level.product_id: level.available for level in many.levels} == {tea: 6, cup: 0}
    with pytest.raises(Missing):
        ask(GetStockLevel(product_id=uuid7()))
