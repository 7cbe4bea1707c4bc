"""Reservations as sets of rows: claimed, locked, read and closed with one statement each.

Reservations are always locked before stock, and both in primary-key order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from fulfilment.inventory.ledger import Cause, StockLedger
from fulfilment.inventory.models import Reservation
from fulfilment.inventory.states import MovementKind, ReleaseReason, ReservationStatus
from shop.contracts import fulfilment as contracts
from shop.contracts.fulfilment import ReservationView, ReservedItem
from shop.messaging.outgoing import transaction_time
from shop.messaging.sets import Column, fetch_rows, insert_rows, update_rows
from shop.messaging.sets import locked as locked_rows

Quantities = Mapping[UUID, int]

TABLE: Final = "fulfilment_reservation"
NEW_COLUMNS: Final[tuple[Column, ...]] = (
    ("id", "uuid"),
    ("cart_id", "uuid"),
    ("customer_id", "uuid"),
    ("order_id", "uuid"),
    ("checkout_session_id", "uuid"),
    ("status", "text"),
    ("expires_at", "timestamptz"),
    ("release_reason", "text"),
    ("closed_at", "timestamptz"),
    ("created_at", "timestamptz"),
)
STATE_COLUMNS: Final[tuple[Column, ...]] = (
    ("status", "text"),
    ("release_reason", "text"),
    ("order_bound", "bool"),
    ("closed_at", "timestamptz"),
)
# Either it holds nothing yet and is marked, or it could not even be claimed and is written down as refused.
CLOSE_INSTEAD: Final = """
    ON CONFLICT (id) DO UPDATE
    SET status = excluded.status, release_reason = excluded.release_reason, closed_at = excluded.closed_at
"""
LINES: Final = """
    SELECT reservation_id, product_id, quantity FROM fulfilment_reservationline
    WHERE reservation_id = ANY(%s::uuid[]) ORDER BY reservation_id, product_id
"""


def database_now() -> datetime:
    """The database's clock (UTC), equal throughout one transaction. No worker's own clock decides anything here."""
    return transaction_time()


def new_row(
    reservation_id: UUID,
    now: datetime,
    *,
    cart_id: UUID | None = None,
    customer_id: UUID | None = None,
    order_id: UUID | None = None,
    checkout_session_id: UUID | None = None,
    expires_at: datetime | None = None,
    closed: str | None = None,
) -> tuple[object, ...]:
    """A reservation row in the order of ``NEW_COLUMNS``; ``closed`` (the reason, maybe empty) makes it a tombstone."""
    is_closed = closed is not None
    return (
        reservation_id,
        cart_id,
        customer_id,
        order_id,
        checkout_session_id,
        (ReservationStatus.RELEASED if is_closed else ReservationStatus.HELD).value,
        None if is_closed else expires_at,
        str(closed or ""),
        now if is_closed else None,
        now,
    )


def claim(rows: Iterable[tuple[object, ...]]) -> set[UUID]:
    """Insert these reservations and return the ids that are new. A concurrent insert of the same one is waited for."""
    ordered = sorted(rows, key=lambda row: str(row[0]))
    return {row[0] for row in insert_rows(TABLE, NEW_COLUMNS, ordered, tail="ON CONFLICT DO NOTHING RETURNING id")}


def refuse(rows: Iterable[tuple[object, ...]]) -> None:
    """Write down that these were refused, so that a repeat is refused too."""
    insert_rows(TABLE, NEW_COLUMNS, rows, tail=CLOSE_INSTEAD)


def locked(ids: Collection[UUID]) -> dict[UUID, Reservation]:
    """These reservations, locked until the transaction ends."""
    if not ids:
        return {}
    return {reservation.id: reservation for reservation in locked_rows(Reservation, ids)}


def lines_of(ids: Collection[UUID]) -> dict[UUID, dict[UUID, int]]:
    """Quantity by product of each of these reservations; empty for a tombstone."""
    lines: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    if ids:
        for reservation_id, product_id, quantity in fetch_rows(LINES, [[*ids]]):
            lines[reservation_id][product_id] = quantity
    return lines


def save_states(reservations: Sequence[Reservation]) -> None:
    """Write the states these locked reservations were moved to, in one statement."""
    rows = [(r.id, str(r.status), str(r.release_reason), r.order_bound, r.closed_at) for r in reservations]
    update_rows(TABLE, ("id", "uuid"), STATE_COLUMNS, rows)


def give_back(ledger: StockLedger, kind: MovementKind, reservation_id: UUID, quantities: Quantities, cause: Cause) -> None:
    """Decide that what a reservation holds can be promised to others again."""
    for product_id, quantity in quantities.items():
        ledger.move(kind, product_id, cause, reserved=-quantity, reservation_id=reservation_id)


def items(quantities: Quantities) -> list[ReservedItem]:
    """Quantities as the contracts carry them, by product id."""
    return [ReservedItem(product_id=product_id, quantity=quantities[product_id]) for product_id in sorted(quantities)]


def published_reason(reason: str) -> contracts.ReleaseReason | None:
    """The reason as contracts know it: one that is only ours is not told."""
    return None if reason in {"", ReleaseReason.UNAVAILABLE} else cast("contracts.ReleaseReason", str(reason))


def view(reservation: Reservation, quantities: Quantities) -> ReservationView:
    """A reservation as its contract shows it. ``expiresAt`` is there only while time can still end it."""
    ends = reservation.status == ReservationStatus.HELD and not reservation.order_bound
    return ReservationView(
        reservation_id=reservation.id,
        status=cast("contracts.ReservationStatus", str(reservation.status)),
        items=items(quantities),
        expires_at=reservation.expires_at if ends else None,
    )
