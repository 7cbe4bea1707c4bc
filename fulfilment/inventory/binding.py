"""From the moment an order exists, its reservation is its own: time cannot end it any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from fulfilment.inventory import holds
from fulfilment.inventory.holds import Quantities
from fulfilment.inventory.ledger import StockLedger
from fulfilment.inventory.models import Reservation
from fulfilment.inventory.states import MovementKind, ReleaseReason, ReservationStatus
from shop.contracts.ordering import OrderCreated, PlaceOrderHold
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.sets import select

OWNER_TEAM: Final = "fulfilment"
REVIEW_WITHIN: Final = timedelta(days=1)
OVER = (ReservationStatus.EXPIRED, ReservationStatus.RELEASED)


def bind(batch: Sequence[Envelope[OrderCreated]]) -> None:
    """Bind the reservation of each order to it.

    Expiry and binding take the same row lock, so one of them is first. If it was the expiry, the same stock is taken
    again; where that is not to be had, the order is held for a recheck instead of being promised what is not there.
    """
    review_by = holds.database_now() + REVIEW_WITHIN
    orders = _reservations_of({envelope.message.order_id for envelope in batch})
    chosen = {order_id: _choose(reservations) for order_id, reservations in orders.items()}
    gone = [row for row in chosen.values() if _is_gone(row)]
    lines = holds.lines_of({row.id for row in gone})
    ledger = StockLedger.lock(product_id for row in gone for product_id in lines[row.id])
    changed: dict[UUID, Reservation] = {}
    for envelope in batch:
        reservation = chosen.get(envelope.message.order_id)
        if reservation is None:
            _ask_for_a_recheck(envelope, review_by)
        elif _bind(envelope, reservation, lines.get(reservation.id, {}), ledger):
            changed[reservation.id] = reservation
        elif _is_gone(reservation):
            _ask_for_a_recheck(envelope, review_by)
    ledger.write()
    holds.save_states(list(changed.values()))


def _reservations_of(order_ids: Collection[UUID]) -> Mapping[UUID, list[Reservation]]:
    found: dict[UUID, list[Reservation]] = defaultdict(list)
    for reservation in select(Reservation, "WHERE order_id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE", [[*order_ids]]):
        assert reservation.order_id is not None
        found[reservation.order_id].append(reservation)
    return found


def _choose(reservations: Sequence[Reservation]) -> Reservation:
    """The one that holds stock or has shipped; else the one that was tried last."""
    standing = [row for row in reservations if row.status not in OVER]
    return (standing or reservations)[-1]


def _is_gone(reservation: Reservation) -> bool:
    """Whether it ended before its order came. One that was bound, or cancelled with its order, ended rightly."""
    cancelled = reservation.release_reason == ReleaseReason.ORDER_CANCELLED
    return reservation.status in OVER and not reservation.order_bound and not cancelled


def _bind(envelope: Envelope[OrderCreated], reservation: Reservation, quantities: Quantities, ledger: StockLedger) -> bool:
    if reservation.order_bound:
        return False
    if reservation.status == ReservationStatus.HELD:
        reservation.bind_to_order()
        return True
    if not _is_gone(reservation):
        return False
    if not quantities or any(ledger.available(product_id) < wanted for product_id, wanted in quantities.items()):
        return False
    reservation.reinstate()
    for product_id, wanted in quantities.items():
        ledger.move(MovementKind.RESERVED, product_id, envelope, reserved=wanted, reservation_id=reservation.id)
    return True


def _ask_for_a_recheck(envelope: Envelope[OrderCreated], review_by: datetime) -> None:
    hold = PlaceOrderHold(
        order_id=envelope.message.order_id,
        reason="INVENTORY_RECHECK",
        owner_team=OWNER_TEAM,
        review_by=review_by,
    )
    send(hold, cause=envelope)
