"""One function per command and subscription of the inventory. Decisions live in the modules named after them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from fulfilment.inventory import adjusting, binding, cancelling, holds, releasing, reserving, stocktaking
from fulfilment.inventory.models import Reservation
from fulfilment.inventory.states import MovementKind, ReservationStatus
from shop.contracts.fulfilment import (
    AdjustStock,
    ConsumeReservation,
    ExpireReservations,
    ExtendReservation,
    OrderUndeliverable,
    ReceiveStock,
    RecountStock,
    ReleaseInventory,
    ReservationView,
    SetLowStockThreshold,
    StockLevelView,
)
from shop.contracts.fulfilment.adjusting import AdjustReservation, RevertReservation
from shop.contracts.ordering import OrderCancelled, OrderCreated, ReserveInventory
from shop.messaging.audit import record_action
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Missing, Refused
from shop.messaging.handlers import in_batches


@in_batches(50)
def reserve_inventory(batch: Sequence[Envelope[ReserveInventory]]) -> Sequence[ReservationView | Refused]:
    """Set aside all items of each request, or none of them. Publishes ``InventoryReserved`` or ``InventoryUnavailable``."""
    return reserving.reserve(batch)


@in_batches(50)
def release_inventory(batch: Sequence[Envelope[ReleaseInventory]]) -> Sequence[ReservationView | Refused]:
    """Let go of reservations that still hold stock. Publishes ``InventoryReleased``, for a repeat again."""
    return releasing.release(batch)


@in_batches(50)
def bind_reservation_when_order_created(batch: Sequence[Envelope[OrderCreated]]) -> None:
    """The order exists: its reservation no longer ends by the clock."""
    binding.bind(batch)


@in_batches(50)
def release_reservation_when_order_cancelled(batch: Sequence[Envelope[OrderCancelled]]) -> None:
    """The order will not come: nobody needs its stock."""
    cancelling.let_go({envelope.message.order_id: envelope for envelope in batch})


@in_batches(50)
def release_reservation_when_order_undeliverable(batch: Sequence[Envelope[OrderUndeliverable]]) -> None:
    """Nobody will pick the rest of it: what is still held is let go. What has left the house has left it."""
    cancelling.let_go({envelope.message.order_id: envelope for envelope in batch})


@in_batches(50)
def adjust_reservation(batch: Sequence[Envelope[AdjustReservation]]) -> None:
    """Have reservations hold other items, all of them or none. Publishes what became of it, for a repeat again."""
    adjusting.adjust(batch)


@in_batches(50)
def revert_reservation(batch: Sequence[Envelope[RevertReservation]]) -> None:
    """Call adjustments back, also those that are still on their way. Publishes ``ReservationReverted``."""
    adjusting.revert(batch)


def consume_reservation(command: ConsumeReservation) -> None:
    """The goods have left. Publishes ``InventoryConsumed``; raises ``Missing`` or ``Refused``."""
    releasing.consume(command)


def expire_reservations(command: ExpireReservations) -> None:
    """Let go of what was held too long, one chunk per transaction; a full chunk asks for the next."""
    if releasing.expire(command.limit) == command.limit:
        send(command)


def extend_reservation(command: ExtendReservation) -> ReservationView:
    """Hold a reservation for so many minutes more, counted from its end or from now, whichever is later.

    One that has an order does not end by the clock and stays as it is. Raises ``Missing`` or ``Refused``.
    """
    reservation = holds.locked({command.reservation_id}).get(command.reservation_id)
    if reservation is None:
        raise Missing("reservation_not_found", "There is no such reservation.")
    if reservation.status != ReservationStatus.HELD:
        raise Refused("reservation_not_held", f"This reservation is {reservation.status.lower()}: it holds no stock.")
    if not reservation.order_bound:
        _extend(reservation, command)
    return holds.view(reservation, holds.lines_of({reservation.id})[reservation.id])


def _extend(reservation: Reservation, command: ExtendReservation) -> None:
    assert reservation.expires_at is not None
    before, now = reservation.expires_at, holds.database_now()
    reservation.expires_at = max(before, now) + timedelta(minutes=command.minutes)
    reservation.save(update_fields=["expires_at"])
    record_action(
        verb="extend_reservation",
        target_type="Reservation",
        target_id=reservation.id,
        reason=command.reason or f"{command.minutes} minutes more",
        before={"expiresAt": before.isoformat()},
        after={"expiresAt": reservation.expires_at.isoformat()},
    )


def receive_stock(command: ReceiveStock) -> StockLevelView:
    """Goods have arrived. A delivery note (``reference``) brings a product once. Raises ``Refused`` or ``Unprocessable``."""
    ledger = stocktaking.open_stock(command.product_id)
    stocktaking.receive(ledger, command.product_id, command.quantity, command.reference or "", command.reason or "")
    return stocktaking.stock_view(ledger.levels[command.product_id])


def adjust_stock(command: AdjustStock) -> StockLevelView:
    """Correct what is on hand by a difference. Raises ``Missing``, or ``Refused`` with the figures."""
    ledger = stocktaking.existing_stock(command.product_id)
    stocktaking.correct(ledger, command.product_id, command.delta, MovementKind.ADJUSTED, command.reason)
    return stocktaking.stock_view(ledger.levels[command.product_id])


def recount_stock(command: RecountStock) -> StockLevelView:
    """Set what is on hand to what was counted. Raises ``Refused`` with the figures."""
    ledger = stocktaking.open_stock(command.product_id)
    delta = command.counted - ledger.levels[command.product_id].on_hand
    stocktaking.correct(ledger, command.product_id, delta, MovementKind.RECOUNTED, command.reason)
    stocktaking.counted(command.product_id)
    return stocktaking.stock_view(ledger.levels[command.product_id])


def set_low_stock_threshold(command: SetLowStockThreshold) -> StockLevelView:
    """Say when a product counts as running low. Raises ``Missing``. Publishes ``StockLow`` if it is so already."""
    ledger = stocktaking.existing_stock(command.product_id)
    stocktaking.watch_from(ledger, command.product_id, command.threshold)
    return stocktaking.stock_view(ledger.levels[command.product_id])
