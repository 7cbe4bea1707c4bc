"""How a reservation ends: released, expired or consumed. Each ends once; a repeat states the same fact again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models.functions import Now

from fulfilment.inventory import holds
from fulfilment.inventory.holds import Quantities
from fulfilment.inventory.ledger import StockLedger, current_cause
from fulfilment.inventory.models import Reservation
from fulfilment.inventory.states import MovementKind, ReleaseReason, ReservationStatus
from shop.contracts.fulfilment import (
    ConsumeReservation,
    InventoryConsumed,
    InventoryReleased,
    ReleaseInventory,
    ReservationView,
)
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Missing, Refused

GIVEN_BACK = (ReservationStatus.RELEASED, ReservationStatus.EXPIRED)


@dataclass(frozen=True, slots=True)
class _Held:
    """Locked reservations with their lines, and the locked stock of those that still hold any."""

    reservations: Mapping[UUID, Reservation]
    lines: Mapping[UUID, Quantities]
    ledger: StockLedger

    @classmethod
    def by(cls, reservations: Mapping[UUID, Reservation]) -> _Held:
        lines = holds.lines_of(reservations.keys())
        held = [row.id for row in reservations.values() if row.status == ReservationStatus.HELD]
        ledger = StockLedger.lock(product_id for held_id in held for product_id in lines[held_id])
        return cls(reservations, lines, ledger)


def release(batch: Sequence[Envelope[ReleaseInventory]]) -> list[ReservationView | Refused]:
    """Let go of a batch of reservations; one answer each, in order. An unknown id leaves a tombstone: the request it
    undoes may be on its way still. Raises ``Refused`` when a failed checkout claims what belongs to an order."""
    now = holds.database_now()
    unknown = holds.claim({envelope.message.reservation_id: _tombstone(envelope, now) for envelope in batch}.values())
    held = _Held.by(holds.locked({envelope.message.reservation_id for envelope in batch}))
    changed = [row for envelope in batch if (row := _release(envelope, held, now)) is not None]
    held.ledger.write()
    holds.save_states(changed)
    return [_answer(envelope, held, unknown) for envelope in batch]


def _tombstone(envelope: Envelope[ReleaseInventory], now: datetime) -> tuple[object, ...]:
    command = envelope.message
    # Only a checkout says this, and the chain a checkout works in is named after it.
    session = envelope.correlation_id if command.reason == ReleaseReason.CHECKOUT_FAILED else None
    return holds.new_row(command.reservation_id, now, checkout_session_id=session, closed=command.reason or "")


def _release(envelope: Envelope[ReleaseInventory], held: _Held, now: datetime) -> Reservation | None:
    command = envelope.message
    reservation = held.reservations[command.reservation_id]
    if reservation.status != ReservationStatus.HELD:
        return None
    if reservation.order_bound and command.reason == ReleaseReason.CHECKOUT_FAILED:
        raise Refused(
            "reservation_has_an_order",
            "The order of this reservation exists: only its cancellation lets go of the stock.",
            data={"orderId": str(reservation.order_id)},
        )
    reservation.release(reason=command.reason or "", at=now)
    quantities = held.lines[reservation.id]
    holds.give_back(held.ledger, MovementKind.RELEASED, reservation.id, quantities, envelope)
    return reservation


def _answer(envelope: Envelope[ReleaseInventory], held: _Held, unknown: set[UUID]) -> ReservationView | Refused:
    reservation = held.reservations[envelope.message.reservation_id]
    quantities = held.lines[reservation.id]
    if reservation.status in GIVEN_BACK:
        publish(_released(reservation, quantities), cause=envelope)
    if reservation.id in unknown:
        return Missing("reservation_not_found", "There is no such reservation.")
    return holds.view(reservation, quantities)


def _released(reservation: Reservation, quantities: Quantities) -> InventoryReleased:
    assert reservation.closed_at is not None
    return InventoryReleased(
        reservation_id=reservation.id,
        order_id=reservation.order_id,
        cart_id=reservation.cart_id,
        reason=holds.published_reason(reservation.release_reason),
        items=holds.items(quantities),
        released_at=reservation.closed_at,
        checkout_session_id=reservation.checkout_session_id,
    )


def expire(limit: int) -> int:
    """Let go of up to ``limit`` reservations whose time is up by the database's clock; how many there were.

    One that is being bound to its order, released or extended at this moment is locked and therefore left alone.
    """
    now, cause = holds.database_now(), current_cause()
    overdue = (
        Reservation.objects.filter(status=ReservationStatus.HELD, order_bound=False, expires_at__lt=Now())
        .order_by("expires_at")
        .select_for_update(skip_locked=True)[:limit]
    )
    held = _Held.by({reservation.id: reservation for reservation in overdue})
    for reservation in held.reservations.values():
        reservation.expire(at=now)
        holds.give_back(held.ledger, MovementKind.EXPIRED, reservation.id, held.lines[reservation.id], cause)
        publish(_released(reservation, held.lines[reservation.id]))
    held.ledger.write()
    holds.save_states(list(held.reservations.values()))
    return len(held.reservations)


def consume(command: ConsumeReservation) -> None:
    """Book a held reservation out of the stock. Raises ``Missing``, or ``Refused`` if it holds nothing or is another order's."""
    held = _Held.by(holds.locked({command.reservation_id}))
    reservation = held.reservations.get(command.reservation_id)
    if reservation is None:
        raise Missing("reservation_not_found", "There is no such reservation.")
    if reservation.order_id not in {None, command.order_id}:
        raise Refused("reservation_of_another_order", "This reservation belongs to another order.")
    if reservation.status in GIVEN_BACK:
        raise Refused("reservation_not_held", f"This reservation is {reservation.status.lower()}: it holds no stock.")
    quantities = held.lines[reservation.id]
    if reservation.status == ReservationStatus.HELD:
        _book_out(held, reservation)
    assert reservation.closed_at is not None
    fact = InventoryConsumed(
        reservation_id=reservation.id,
        order_id=command.order_id,
        items=holds.items(quantities),
        consumed_at=reservation.closed_at,
    )
    publish(fact)


def _book_out(held: _Held, reservation: Reservation) -> None:
    cause = current_cause()
    reservation.consume(at=holds.database_now())
    for product_id, quantity in held.lines[reservation.id].items():
        held.ledger.move(
            MovementKind.CONSUMED,
            product_id,
            cause,
            on_hand=-quantity,
            reserved=-quantity,
            reservation_id=reservation.id,
        )
    held.ledger.write()
    holds.save_states([reservation])
