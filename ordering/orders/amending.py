"""Changing an order after checkout: asked for, kept, applied when stock and money are there, or closed with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import uuid5

from django.conf import settings
from uuid_utils.compat import uuid7

from ordering.orders.changes import Wanted, items_of, reckon
from ordering.orders.facts import order_amended
from ordering.orders.holds import FRAUD_REVIEW
from ordering.orders.models import Order, OrderAdjustment, OrderLine
from ordering.orders.moving import Moves, origin
from ordering.orders.paying import ON_CONFIRMATION
from ordering.orders.queries import no_such_order
from ordering.orders.rewriting import rewrite
from ordering.orders.states import BEFORE_FULFILMENT, AdjustmentKind, AdjustmentStatus, LifecycleStatus
from ordering.orders.totals import Terms
from shop.contracts.fulfilment.adjusting import AdjustReservation
from shop.contracts.ordering import PlaceOrderHold
from shop.contracts.ordering.amending import (
    AmendmentPreview,
    AmendmentRefused,
    AmendmentView,
    AmendOrder,
    ApplyAmendment,
    OrderAmendmentRejected,
    OrderAmendmentRequested,
    PreviewAmendment,
)
from shop.contracts.ordering.events import OrderAmended
from shop.contracts.payments import CapturePayment, ReturnDifference
from shop.messaging.bus import publish, send
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Refused
from shop.messaging.sets import fetch_rows

MOVED_ON: Final = "The order has moved on meanwhile."


def preview(query: PreviewAmendment) -> AmendmentPreview:
    """What these changes would cost. Raises ``Missing``, ``Invalid`` or ``Refused``."""
    order = Order.objects.filter(pk=query.order_id).first()
    if order is None:
        raise no_such_order()
    lines = list(order.lines.all())
    _refuse_too_late(order)
    return _shown(order, lines, reckon(order, lines, query.changes))


def request(command: AmendOrder) -> AmendmentView:
    """Keep the change and have stock and money asked. Raises ``Missing``, ``Invalid`` or ``Refused``."""
    moves = Moves.lock([command.order_id])
    order = moves.the(command.order_id)
    _refuse_too_late(order)
    if command.expected_revision not in (None, order.revision):
        raise Refused("order_changed", f"The order is at revision {order.revision} by now; look again.")
    if order.adjustments.filter(status=AdjustmentStatus.OPEN).exists():
        raise Refused("amendment_open", "Another change of this order is under way.")
    lines = list(order.lines.all())
    wanted = reckon(order, lines, command.changes)
    if "items" in wanted.fields and order.reservation_id is None:
        raise Refused("order_without_reservation", "Its stock is not reserved here, so its quantities cannot be changed here.")
    change = _keep(order, wanted, command, moves)
    publish(_requested(order, lines, wanted, change))
    moves.touch(order)
    moves.write()
    return view(change, order)


def apply(command: ApplyAmendment) -> None:
    """Stock and money are there. Publishes ``OrderAmended``, for a repeat again, or ``AmendmentRefused``."""
    moves = Moves.lock([command.order_id])
    order = moves.orders.get(command.order_id)
    change = OrderAdjustment.objects.select_for_update().filter(pk=command.change_id, order_id=command.order_id).first()
    if order is not None and change is not None and change.status == AdjustmentStatus.APPLIED:
        publish(_amended(order, change))
    elif order is None or change is None or change.status != AdjustmentStatus.OPEN or not _in_time(order):
        at = fetch_rows("SELECT now()")[0][0]
        publish(AmendmentRefused(change_id=command.change_id, order_id=command.order_id, problem=MOVED_ON, refused_at=at))
    else:
        _apply(moves, order, change, command)


def close(batch: Sequence[Envelope[OrderAmendmentRejected]]) -> None:
    """These changes were not possible; their orders are as they were."""
    reasons = {envelope.message.change_id: envelope.message for envelope in batch}
    rows = OrderAdjustment.objects.filter(pk__in=list(reasons), status=AdjustmentStatus.OPEN)
    for change in rows.order_by("pk").select_for_update():
        change.reject(reasons[change.pk].rejected_at, reasons[change.pk].problem)
        change.save(update_fields=["status", "closed_at", "problem"])


def view(change: OrderAdjustment, order: Order) -> AmendmentView:
    """How a change stands, in the words of the contract."""
    return AmendmentView.model_validate(
        {
            "change_id": change.pk,
            "order_id": order.pk,
            "status": str(change.status),
            "previous_total": change.previous_total,
            "new_total": change.total,
            "currency": order.currency,
            "problem": change.problem or None,
        }
    )


def _apply(moves: Moves, order: Order, change: OrderAdjustment, command: ApplyAmendment) -> None:
    lines = list(order.lines.all())
    before = Terms.of(order, lines)
    after = Terms({int(key): value for key, value in change.quantities.items()}, change.subtotal, change.discount)
    rewrite(moves, order, lines, after)
    if change.delivery_method:
        order.delivery_method = change.delivery_method
    if change.promotions is not None:
        Order.objects.filter(pk=order.pk).update(applied_promotions=change.promotions)
    change.apply(moves.at)
    change.save(update_fields=["status", "closed_at"])
    moves.write()
    publish(_amended(order, change))
    if command.fraud_verdict == "review":
        _have_it_looked_at(order, moves)
    _let_stock_go(order, change, lines, before, after)
    _settle_money(order, change)


def _let_stock_go(order: Order, change: OrderAdjustment, lines: Sequence[OrderLine], before: Terms, after: Terms) -> None:
    """While it was under way the larger of both was reserved; what the order does not need is let go now."""
    needed = items_of(lines, after)
    if order.reservation_id is not None and needed != items_of(lines, before, after):
        send(
            AdjustReservation(
                reservation_id=order.reservation_id,
                order_id=order.pk,
                change_id=uuid5(change.pk, "let go"),
                items=needed,
            )
        )


def _settle_money(order: Order, change: OrderAdjustment) -> None:
    difference = change.total - change.previous_total
    if difference < 0:
        send(
            ReturnDifference(
                order_id=order.pk, change_id=change.pk, amount=-difference, because="AMENDMENT", reason=change.reason or None
            )
        )
    elif difference > 0 and order.confirmed_at is not None and settings.PAYMENTS_CAPTURE_ON == ON_CONFIRMATION:
        assert change.payment_id is not None
        send(CapturePayment(payment_id=change.payment_id, order_id=order.pk))


def _have_it_looked_at(order: Order, moves: Moves) -> None:
    send(
        PlaceOrderHold(
            order_id=order.pk,
            reason="FRAUD_REVIEW",
            owner_team=FRAUD_REVIEW.owner_team,
            customer_message=FRAUD_REVIEW.customer_message,
            review_by=moves.at + FRAUD_REVIEW.review_within,
        )
    )


def _refuse_too_late(order: Order) -> None:
    if not _in_time(order):
        raise Refused("order_not_amendable", f"An order that is {order.lifecycle_status} cannot be changed any more.")


def _in_time(order: Order) -> bool:
    return order.lifecycle_status in BEFORE_FULFILMENT and order.lifecycle_status != LifecycleStatus.CREATED


def _keep(order: Order, wanted: Wanted, command: AmendOrder, moves: Moves) -> OrderAdjustment:
    changed = "promotionCode" in wanted.fields
    return OrderAdjustment.objects.create(
        id=uuid7(),
        order=order,
        kind=AdjustmentKind.AMENDMENT,
        changes=[change.data() for change in command.changes],
        quantities={str(position): quantity for position, quantity in wanted.terms.quantities.items()},
        changed_fields=wanted.fields,
        previous_total=order.total,
        subtotal=wanted.terms.subtotal,
        discount=wanted.terms.discount,
        delivery_method=wanted.delivery_method if "deliveryMethod" in wanted.fields else "",
        promotions=wanted.promotions if changed else None,
        payment_id=uuid7(),
        requested_by=origin().actor,
        reason=command.reason or "",
        requested_at=moves.at,
    )


def _requested(order: Order, lines: Sequence[OrderLine], wanted: Wanted, change: OrderAdjustment) -> OrderAmendmentRequested:
    before = Terms.of(order, lines)
    stock = "items" in wanted.fields
    assert change.payment_id is not None
    return OrderAmendmentRequested(
        change_id=change.pk,
        order_id=order.pk,
        reservation_id=order.reservation_id,
        items=items_of(lines, before, wanted.terms) if stock else [],
        previous_items=items_of(lines, before) if stock else [],
        payment_id=change.payment_id,
        difference=max(0, wanted.terms.total - order.total),
        currency=order.currency,
        requested_at=change.requested_at,
    )


def _amended(order: Order, change: OrderAdjustment) -> OrderAmended:
    assert change.closed_at is not None
    fact = order_amended(
        order, change.previous_total, change.changed_fields, change.requested_by, change.reason, change.closed_at
    )
    return fact.model_copy(update={"change_id": change.pk})


def _shown(order: Order, lines: Sequence[OrderLine], wanted: Wanted) -> AmendmentPreview:
    return AmendmentPreview.model_validate(
        {
            "order_id": order.pk,
            "revision": order.revision,
            "lines": [
                {
                    "position": line.position,
                    "product_id": line.product_id,
                    "sku": line.sku,
                    "quantity": wanted.terms.quantities.get(line.position, 0),
                    "previous_quantity": line.quantity,
                    "unit_price": line.unit_price,
                }
                for line in lines
            ],
            "subtotal": wanted.terms.subtotal,
            "discount": wanted.terms.discount,
            "previous_total": order.total,
            "new_total": wanted.terms.total,
            "difference": wanted.terms.total - order.total,
            "currency": order.currency,
            "delivery_method": wanted.delivery_method,
            "changed_fields": wanted.fields,
        }
    )
