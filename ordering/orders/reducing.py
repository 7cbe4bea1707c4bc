"""An order that goes out with less than was bought: its lines say what is in the parcel, and the rest of the money goes back."""

from __future__ import annotations

from collections import Counter
from uuid import UUID, uuid5

from ordering.orders.facts import order_amended
from ordering.orders.models import Order, OrderAdjustment
from ordering.orders.moving import Moves
from ordering.orders.rewriting import rewrite
from ordering.orders.states import AdjustmentKind, AdjustmentStatus, LifecycleStatus
from ordering.orders.totals import Terms, without
from shop.contracts.fulfilment import ReleaseInventory, ShortPickAccepted
from shop.contracts.payments import ReturnDifference
from shop.messaging.bus import publish, send
from shop.messaging.envelope import Envelope

REASON = "Goods were missing"
NOTHING_LEFT = "NOTHING_TO_PICK"


def reduce(envelope: Envelope[ShortPickAccepted]) -> None:
    """Take what is missing out of an order that is being fulfilled, once however often it is told. If nothing is left, the
    order ends."""
    event = envelope.message
    change_id = uuid5(event.picking_job_id, f"{event.accepted_at.isoformat()}")
    moves = Moves.lock([event.order_id])
    order = moves.orders.get(event.order_id)
    if order is None or order.lifecycle_status != LifecycleStatus.FULFILLING:
        return
    if OrderAdjustment.objects.filter(pk=change_id).exists():
        return
    lines, missing = list(order.lines.all()), Counter[UUID]()
    for item in event.missing_items:
        missing[item.product_id] += item.quantity
    before = order.total
    terms = Terms.of(order, lines).with_quantities(lines, without(lines, missing))
    if not terms.quantities:
        moves.take(order, lambda: order.give_up(moves.at), NOTHING_LEFT, envelope)
        if order.reservation_id is not None:
            send(ReleaseInventory(reservation_id=order.reservation_id, reason="ORDER_CANCELLED"), cause=envelope)
    elif terms.quantities != Terms.of(order, lines).quantities:
        rewrite(moves, order, lines, terms)
        publish(order_amended(order, before, ["items"], event.accepted_by, REASON, moves.at), cause=envelope)
    else:
        return
    _keep(change_id, order, terms, before, envelope, moves)
    moves.write()
    if before > terms.total:
        _return(change_id, order, before - terms.total, envelope)


def _return(change_id: UUID, order: Order, amount: int, envelope: Envelope[ShortPickAccepted]) -> None:
    send(
        ReturnDifference(order_id=order.id, change_id=change_id, amount=amount, because="SHORT_PICK", reason=REASON),
        cause=envelope,
    )


def _keep(change_id: UUID, order: Order, terms: Terms, before: int, envelope: Envelope[ShortPickAccepted], moves: Moves) -> None:
    OrderAdjustment.objects.create(
        id=change_id,
        order=order,
        kind=AdjustmentKind.SHORT_PICK,
        status=AdjustmentStatus.APPLIED,
        changes=[item.data() for item in envelope.message.missing_items],
        quantities={str(position): quantity for position, quantity in terms.quantities.items()},
        changed_fields=["items"],
        previous_total=before,
        subtotal=terms.subtotal,
        discount=terms.discount,
        requested_by=envelope.message.accepted_by,
        reason=REASON,
        requested_at=moves.at,
        closed_at=moves.at,
    )
