"""Changing an order with the whole shop around it: stock, money, totals; and how it is left as it was."""

from typing import Any
from uuid import UUID

import pytest
from django.db.models.functions import Now

from config.sandbox import SandboxControl
from fulfilment.inventory.models import Reservation, StockItem
from ordering.amending.models import AmendmentRun
from ordering.orders.models import Order, OrderAdjustment, OrderLine
from payments.models import Payment, Refund
from shop.contracts.fulfilment import ReceiveStock, ReservedItem
from shop.contracts.fulfilment.adjusting import AdjustReservation, RevertReservation
from shop.contracts.ordering import CancelOrder, PlaceOrderHold, ReleaseOrder, ReleaseOrderHold
from shop.contracts.ordering.amending import AmendOrder, GetAmendment, OrderChange, PreviewAmendment
from shop.messaging.bus import ask, execute
from shop.messaging.errors import Invalid, Refused
from shop.messaging.invariants import run_all
from shop.messaging.models import Delivery
from shop.messaging.routing import switchboard
from tests.journeys.conftest import provider
from tests.journeys.shop import checked_out, deliver

__all__ = ["provider"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(provider: SandboxControl) -> Order:
    """Two lamps for 2,000, paid and waiting for the warehouse; three more are in stock."""
    checked_out()
    deliver()
    found = Order.objects.get()
    assert found.lifecycle_status == "AWAITING_FULFILMENT"
    return found


def change(order: Order, *changes: dict[str, Any]) -> Any:
    wanted = [OrderChange.model_validate(each) for each in changes]
    return execute(AmendOrder(order_id=order.pk, changes=wanted, reason="the customer called"))


def to(quantity: int) -> dict[str, Any]:
    return {"type": "SET_QUANTITY", "position": 1, "quantity": quantity}


def state() -> tuple[int, int, int, int, int]:
    """Pieces ordered, total, pieces reserved, captured, given back."""
    order = Order.objects.get()
    payments = Payment.objects.filter(order_id=order.pk)
    return (
        sum(OrderLine.objects.values_list("quantity", flat=True)), order.total, StockItem.objects.get().reserved,
        sum(payment.captured_amount for payment in payments), sum(payment.refunded_amount for payment in payments),
    )  # fmt: skip


def all_is_well() -> None:
    OrderAdjustment.objects.exclude(status="OPEN").update(closed_at="2020-01-01T00:00:00Z")
    assert run_all(switchboard().all_invariants()) == []


def held(provider: SandboxControl) -> int:
    """What the provider holds and has not taken."""
    intents = provider.ledger("stripe")["intents"]
    return sum(intent["amount"] for intent in intents if intent["status"] == "requires_capture")


def outcome(view: Any) -> tuple[str, str]:
    seen = ask(GetAmendment(order_id=view.order_id, change_id=view.change_id))
    return seen.status, seen.problem or ""


def test_more_is_reserved_charged_and_written_down(order: Order) -> None:
    shown = ask(PreviewAmendment(order_id=order.pk, changes=[OrderChange.model_validate(to(4))]))
    assert (shown.previous_total, shown.new_total, shown.difference, shown.changed_fields) == (2_000, 4_000, 2_000, ["items"])
    view = change(order, to(4))
    with pytest.raises(Refused, match="under way"):
        change(order, to(3))
    with pytest.raises(Refused, match="under way"):
        execute(ReleaseOrder(order_id=order.pk))
    deliver()
    assert outcome(view) == ("APPLIED", "")
    assert state() == (4, 4_000, 4, 4_000, 0)
    assert Order.objects.get().revision == 2
    assert Payment.objects.count() == 2
    all_is_well()


def test_less_is_let_go_and_given_back(order: Order) -> None:
    view = change(order, to(1))
    deliver()
    assert outcome(view) == ("APPLIED", "")
    assert state() == (1, 1_000, 1, 2_000, 1_000)
    assert Refund.objects.get().kind == "AMENDMENT"
    again = change(order, to(3))
    deliver()
    assert outcome(again) == ("APPLIED", "")
    assert state() == (3, 3_000, 3, 4_000, 1_000)
    all_is_well()


def test_what_is_not_in_stock_changes_nothing(order: Order) -> None:
    view = change(order, to(6))
    deliver()
    status, problem = outcome(view)
    assert (status, state()) == ("REJECTED", (2, 2_000, 2, 2_000, 0))
    assert "5 of 6" in problem
    all_is_well()


def test_what_cannot_be_paid_gives_the_stock_back(order: Order, provider: SandboxControl) -> None:
    Payment.objects.update(method_token="pm_card_chargeDeclined")
    view = change(order, to(4))
    deliver()
    assert (outcome(view)[0], state()) == ("REJECTED", (2, 2_000, 2, 2_000, 0))
    Payment.objects.filter(change_id=None).update(method_token="pm_card_visa")
    again = change(order, to(4))
    deliver()
    assert outcome(again) == ("APPLIED", "")
    assert held(provider) == 0
    all_is_well()


def test_a_change_of_an_order_that_is_cancelled_meanwhile_leaves_nothing(order: Order, provider: SandboxControl) -> None:
    view = change(order, to(4))
    execute(CancelOrder(order_id=order.pk, reason="CUSTOMER_REQUESTED"))
    deliver()
    assert outcome(view)[0] == "REJECTED"
    assert (StockItem.objects.get().reserved, held(provider)) == (0, 0)
    assert sum(payment.captured_amount - payment.refunded_amount for payment in Payment.objects.all()) == 0
    Order.objects.update(ended_at="2020-01-01T00:00:00Z")
    all_is_well()


def test_cancelling_in_the_middle_of_the_last_step_undoes_stock_and_money(order: Order, provider: SandboxControl) -> None:
    view = change(order, to(4))
    deliver(but={"ordering.orders.apply_amendment"})
    assert (state()[2], held(provider)) == (4, 2_000)
    execute(CancelOrder(order_id=order.pk, reason="FRAUD"))
    deliver()
    assert (outcome(view)[0], StockItem.objects.get().reserved, held(provider)) == ("REJECTED", 0, 0)
    assert AmendmentRun.objects.get().state == "ABORTED"
    Order.objects.update(ended_at="2020-01-01T00:00:00Z")
    all_is_well()


def test_a_held_orders_difference_waits_for_the_release(order: Order, provider: SandboxControl) -> None:
    hold = execute(PlaceOrderHold.model_validate({
        "order_id": order.pk, "reason": "PAYMENT_REVIEW", "owner_team": "x", "review_by": "2999-01-01T00:00:00Z",
    }, strict=False))  # fmt: skip
    change(order, to(3))
    deliver()
    assert (state()[:4], held(provider)) == ((3, 3_000, 3, 2_000), 1_000)
    execute(ReleaseOrderHold(order_id=order.pk, hold_id=hold.hold_id, resolution="fine"))
    deliver()
    assert (state(), held(provider)) == ((3, 3_000, 3, 3_000, 0), 0)
    all_is_well()


def test_typed_changes_are_checked(order: Order) -> None:
    for wrong in (
        {"type": "SET_QUANTITY", "position": 9, "quantity": 1},
        {"type": "SET_QUANTITY", "position": 1},
        {"type": "SET_DELIVERY_METHOD"},
        {"type": "CORRECT_PROMOTION"},
        {"type": "CORRECT_PROMOTION", "discount": 2_001},
        to(2),
        to(10_001),
    ):
        with pytest.raises(Invalid):
            change(order, wrong)
    with pytest.raises(Invalid):
        change(order, to(1), to(3))
    with pytest.raises(Refused):
        change(order, {"type": "REMOVE_LINE", "position": 1})
    assert not OrderAdjustment.objects.exists()


def test_delivery_and_discount_move_no_stock(order: Order) -> None:
    change(
        order,
        {"type": "SET_DELIVERY_METHOD", "delivery_method": "CLICK_AND_COLLECT"},
        {"type": "CORRECT_PROMOTION", "discount": 300, "promotion_code": "SORRY"},
    )
    deliver()
    changed = Order.objects.get()
    assert (changed.delivery_method, changed.discount, changed.applied_promotions) == ("CLICK_AND_COLLECT", 300, ["SORRY"])
    assert state() == (2, 1_700, 2, 2_000, 300)
    all_is_well()


def test_every_message_delivered_twice_has_one_effect(order: Order) -> None:
    change(order, to(4))
    deliver()
    Delivery.objects.filter(subscriber__regex="apply_amend|amending.saga|differen|adjust_res|capture").update(
        status="open", done_at=None, due_at=Now()
    )
    deliver()
    assert state() == (4, 4_000, 4, 4_000, 0)
    assert Reservation.objects.get().lines.get().quantity == 4
    all_is_well()


def test_a_late_adjustment_finds_that_it_was_called_back(order: Order) -> None:
    product: UUID = OrderLine.objects.get().product_id
    execute(ReceiveStock(product_id=product, quantity=1))
    about: dict[str, Any] = {"reservation_id": order.reservation_id, "order_id": order.pk, "change_id": order.pk}
    execute(RevertReservation(**about, items=[]))
    execute(AdjustReservation(**about, items=[ReservedItem(product_id=product, quantity=4)]))
    assert StockItem.objects.get().reserved == 2
