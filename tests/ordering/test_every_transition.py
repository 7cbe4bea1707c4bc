"""Every state of an order, and what each command and each fact does to it: the table in ``docs/domain.md``, tried out."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from ordering.orders.invariants import order_violations
from ordering.orders.models import Order, OrderHold
from shop.contracts.fulfilment import OrderUndeliverable, ReservedItem, ShipmentCreated, ShipmentDelivered, ShortPickAccepted
from shop.contracts.ordering import (
    CancelOrder,
    ChangeDeliveryAddress,
    NewDeliveryAddress,
    OrderAmended,
    OrderCancelled,
    OrderCompleted,
    OrderDeliveryAddressChanged,
    ReleaseOrder,
)
from shop.contracts.ordering.amending import AmendOrder, OrderChange
from shop.contracts.payments import ReturnDifference
from shop.messaging.bus import execute
from shop.messaging.errors import Invalid, Refused
from tests.ordering.test_holds import an_order, hold, release
from tests.ordering.world import World, captured, now, said, say

pytestmark = pytest.mark.django_db

REFUSED = "refused"
HAMBURG = NewDeliveryAddress(recipient_name="Ada", line1="Kai 2", city="Hamburg", postal_code="20095", country_code="DE")
STATES = ("CONFIRMED", "ON_HOLD", "AWAITING_FULFILMENT", "FULFILLING", "COMPLETED", "CANCELLED", "ARCHIVED")
# What each leads to, by the state it finds, in the order of STATES.
TABLE = {
    "hold": ("ON_HOLD", "ON_HOLD", "ON_HOLD", REFUSED, REFUSED, REFUSED, REFUSED),
    "release hold": (REFUSED, "CONFIRMED", REFUSED, REFUSED, REFUSED, REFUSED, REFUSED),
    "cancel": ("CANCELLED", "CANCELLED", "CANCELLED", REFUSED, REFUSED, "CANCELLED", REFUSED),
    "release now": (REFUSED, REFUSED, "FULFILLING", REFUSED, REFUSED, REFUSED, REFUSED),
    "amend": ("CONFIRMED", "ON_HOLD", "AWAITING_FULFILMENT", REFUSED, REFUSED, REFUSED, REFUSED),
    "readdress": ("CONFIRMED", "ON_HOLD", "AWAITING_FULFILMENT", "FULFILLING", REFUSED, REFUSED, REFUSED),
    "paid": ("AWAITING_FULFILMENT", "ON_HOLD", "AWAITING_FULFILMENT", "FULFILLING", "COMPLETED", "CANCELLED", "ARCHIVED"),
    "delivered": ("CONFIRMED", "ON_HOLD", "AWAITING_FULFILMENT", "COMPLETED", "COMPLETED", "CANCELLED", "ARCHIVED"),
    "undeliverable": ("CONFIRMED", "ON_HOLD", "AWAITING_FULFILMENT", "CANCELLED", "COMPLETED", "CANCELLED", "ARCHIVED"),
    "one short": STATES,
    "all short": ("CONFIRMED", "ON_HOLD", "AWAITING_FULFILMENT", "CANCELLED", "COMPLETED", "CANCELLED", "ARCHIVED"),
}


def delivered(order_id: UUID) -> ShipmentDelivered:
    return ShipmentDelivered(shipment_id=uuid7(), order_id=order_id, delivered_at=now())


def undeliverable(order_id: UUID) -> OrderUndeliverable:
    return OrderUndeliverable(order_id=order_id, reason="LOST", decided_by="staff:ada", decided_at=now())


def short_by(order_id: UUID, *missing: tuple[UUID, int]) -> ShortPickAccepted:
    items = [ReservedItem(product_id=product_id, quantity=quantity) for product_id, quantity in missing]
    return ShortPickAccepted(
        order_id=order_id, picking_job_id=uuid7(), missing_items=items, accepted_by="staff:ada", accepted_at=now()
    )


def products(order_id: UUID) -> list[tuple[UUID, int]]:
    return [(line.product_id, line.quantity) for line in Order.objects.get(pk=order_id).lines.all()]


DOINGS: dict[str, Callable[[UUID], Any]] = {
    "hold": lambda order_id: hold(order_id, "INVENTORY_RECHECK"),
    "release hold": lambda order_id: release(order_id, _some_hold(order_id)),
    "cancel": lambda order_id: execute(CancelOrder(order_id=order_id, reason="CUSTOMER_REQUESTED")),
    "release now": lambda order_id: execute(ReleaseOrder(order_id=order_id)),
    "amend": lambda order_id: execute(AmendOrder(order_id=order_id, changes=[OrderChange(type="REMOVE_LINE", position=2)])),
    "readdress": lambda order_id: execute(ChangeDeliveryAddress(order_id=order_id, delivery_address=HAMBURG)),
    "paid": lambda order_id: say(captured(order_id)),
    "delivered": lambda order_id: say(delivered(order_id)),
    "undeliverable": lambda order_id: say(undeliverable(order_id)),
    "one short": lambda order_id: say(short_by(order_id, (products(order_id)[0][0], 1))),
    "all short": lambda order_id: say(short_by(order_id, *products(order_id))),
}


def _some_hold(order_id: UUID) -> UUID:
    return OrderHold.objects.filter(order_id=order_id).values_list("pk", flat=True).first() or uuid7()


def in_state(state: str) -> UUID:
    """An order that came there the way orders do."""
    order_id = an_order()
    if state == "CONFIRMED":
        return order_id
    if state == "ON_HOLD":
        hold(order_id)
        return order_id
    if state == "CANCELLED":
        execute(CancelOrder(order_id=order_id, reason="FRAUD"))
        return order_id
    say(captured(order_id))
    if state != "AWAITING_FULFILMENT":
        execute(ReleaseOrder(order_id=order_id))
    if state in {"COMPLETED", "ARCHIVED"}:
        say(delivered(order_id))
    if state == "ARCHIVED":
        order = Order.objects.get(pk=order_id)
        order.archive(now())
        order.save()
    return order_id


def test_every_state_and_every_doing(world: World) -> None:
    for doing, results in TABLE.items():
        for state, expected in zip(STATES, results, strict=True):
            order_id = in_state(state)
            before = Order.objects.get(pk=order_id)
            if expected == REFUSED:
                with pytest.raises(Refused) as refusal:
                    DOINGS[doing](order_id)
                assert refusal.value.status in {404, 409}, (doing, state)
            else:
                DOINGS[doing](order_id)
            after = Order.objects.get(pk=order_id)
            assert str(after.lifecycle_status) == (state if expected == REFUSED else expected), (doing, state)
            moved = str(after.lifecycle_status) != str(before.lifecycle_status)
            assert after.status_sequence == before.status_sequence + moved, (doing, state)
    Order.objects.filter(lifecycle_status="ARCHIVED").delete()  # put there by hand, without a history
    assert [*order_violations()] == []


def test_cancelling_closes_the_holds_and_is_said_once(world: World) -> None:
    order_id = an_order(fraud_verdict="review", delivery_address=None)
    for _ in range(2):
        assert execute(CancelOrder(order_id=order_id, reason="FRAUD")).status == "CANCELLED"
    (fact,) = said(OrderCancelled)
    assert (fact.order_id, fact.reason) == (order_id, "FRAUD")
    assert not OrderHold.objects.filter(released_at=None).exists()


def test_delivered_twice_completes_once(world: World) -> None:
    order_id = in_state("FULFILLING")
    fact = delivered(order_id)
    say(fact, fact)
    assert len(said(OrderCompleted)) == 1


def test_a_short_pick_takes_what_is_missing_and_its_share_of_the_discount(world: World) -> None:
    order_id = in_state("FULFILLING")  # two cups of 1,000 and a pot of 1,500, less 500
    fact = short_by(order_id, (products(order_id)[0][0], 1))
    say(fact, fact)
    order = Order.objects.get()
    assert (order.subtotal, order.discount, order.total, order.revision) == (2_500, 358, 2_142, 2)
    assert [quantity for _, quantity in products(order_id)] == [1, 1]
    (amended,) = said(OrderAmended)
    assert (amended.previous_total, amended.new_total, amended.revision, amended.changed_fields) == (3_000, 2_142, 2, ["items"])
    assert [(back.amount, back.because) for back in world.told if isinstance(back, ReturnDifference)] == [(858, "SHORT_PICK")]
    say(short_by(order_id, (products(order_id)[1][0], 1)))
    assert [quantity for _, quantity in products(order_id)] == [1]
    assert [*order_violations()] == []


def test_an_order_of_which_nothing_is_left_ends_and_all_of_its_money_goes_back(world: World) -> None:
    order_id = in_state("FULFILLING")
    say(short_by(order_id, *products(order_id)))
    assert Order.objects.get().terminal_status == "CANCELLED"
    assert world.last(ReturnDifference).amount == 3_000
    assert not said(OrderAmended)
    assert not said(OrderCancelled)
    assert [*order_violations()] == []


def test_nothing_is_said_about_an_order_that_nobody_knows(world: World) -> None:
    say(delivered(uuid7()), undeliverable(uuid7()), short_by(uuid7(), (uuid7(), 1)))
    assert not said(OrderCompleted, OrderAmended)


def test_an_address_is_changed_until_a_carrier_has_the_order(world: World) -> None:
    order_id = in_state("FULFILLING")
    for _ in range(2):
        execute(ChangeDeliveryAddress(order_id=order_id, delivery_address=HAMBURG))
    (fact,) = said(OrderDeliveryAddressChanged)
    assert (fact.address_revision, fact.previous_postal_code, fact.delivery_address.city) == (2, "10115", "Hamburg")
    with pytest.raises(Invalid, match="postal code"):
        execute(ChangeDeliveryAddress(order_id=order_id, delivery_address=HAMBURG.model_copy(update={"postal_code": "1"})))
    say(ShipmentCreated(shipment_id=uuid7(), order_id=order_id, tracking_number="T1", created_at=now()))
    with pytest.raises(Refused, match="carrier"):
        execute(ChangeDeliveryAddress(order_id=order_id, delivery_address=HAMBURG.model_copy(update={"line1": "Kai 3"})))
    assert Order.objects.get().address_revision == 2
