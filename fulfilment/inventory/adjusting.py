"""Changing what a reservation holds: all of it or nothing, once per change, and not after the change was called back.

Locks as everywhere here: reservations before stock, both in key order, for the whole batch at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from fulfilment.inventory import holds
from fulfilment.inventory.ledger import StockLedger
from fulfilment.inventory.models import Reservation, ReservationChange, ReservationLine
from fulfilment.inventory.states import ChangeOutcome, MovementKind, ReservationStatus
from shop.contracts.base import Event
from shop.contracts.fulfilment.adjusting import (
    AdjustReservation,
    ReservationAdjusted,
    ReservationNotAdjusted,
    ReservationReverted,
    RevertReservation,
)
from shop.contracts.fulfilment.inventory import UnavailableItem
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.sets import Column, insert_rows

Wish = AdjustReservation | RevertReservation
CHANGE_COLUMNS: Final[tuple[Column, ...]] = (("change_id", "uuid"), ("reservation_id", "uuid"), ("outcome", "text"))
KEEP: Final = "ON CONFLICT (change_id) DO UPDATE SET outcome = excluded.outcome"


@dataclass(slots=True)
class _Books:
    """The locked reservations of a batch, what they hold, their stock, and which changes are known."""

    now: datetime
    reservations: Mapping[UUID, Reservation]
    lines: dict[UUID, dict[UUID, int]]
    ledger: StockLedger
    outcomes: dict[UUID, str]
    changed: set[UUID] = field(default_factory=set)
    decided: dict[UUID, UUID] = field(default_factory=dict)

    @classmethod
    def open(cls, batch: Sequence[Envelope[Any]]) -> Self:
        wishes = [envelope.message for envelope in batch]
        reservations = holds.locked({wish.reservation_id for wish in wishes})
        lines = {**holds.lines_of(reservations.keys())}
        products = {item.product_id for wish in wishes for item in wish.items}
        ledger = StockLedger.lock(products.union(*(lines.get(key, {}) for key in reservations)))
        ids = [wish.change_id for wish in wishes]
        known = ReservationChange.objects.filter(change_id__in=ids).values_list("change_id", "outcome")
        return cls(holds.database_now(), reservations, lines, ledger, dict(known))

    def holding(self, wish: Wish) -> Reservation | None:
        """Its reservation, if that still holds stock for this very order."""
        found = self.reservations.get(wish.reservation_id)
        if found is None or found.status != ReservationStatus.HELD or found.order_id not in {None, wish.order_id}:
            return None
        return found

    def decide(self, wish: Wish, outcome: ChangeOutcome) -> None:
        """Remember what became of a change."""
        self.outcomes[wish.change_id], self.decided[wish.change_id] = outcome.value, wish.reservation_id

    def hold(self, wish: Wish, target: Mapping[UUID, int], cause: Envelope[Any]) -> None:
        """Have the reservation hold this, and move the stock by the differences."""
        held = self.lines.setdefault(wish.reservation_id, {})
        for product_id in sorted({*held, *target}):
            difference = target.get(product_id, 0) - held.get(product_id, 0)
            if difference:
                kind = MovementKind.RESERVED if difference > 0 else MovementKind.RELEASED
                self.ledger.move(kind, product_id, cause, reserved=difference, reservation_id=wish.reservation_id)
                self.changed.add(wish.reservation_id)
        self.lines[wish.reservation_id] = dict(target)

    def write(self) -> None:
        """Everything decided, in the same few statements for any batch."""
        self.ledger.write()
        ReservationLine.objects.filter(reservation_id__in=self.changed).delete()
        ReservationLine.objects.bulk_create(
            ReservationLine(reservation_id=key, product_id=product_id, quantity=quantity)
            for key in sorted(self.changed)
            for product_id, quantity in self.lines[key].items()
        )
        rows = [(change, key, self.outcomes[change]) for change, key in self.decided.items()]
        insert_rows(ReservationChange._meta.db_table, CHANGE_COLUMNS, rows, tail=KEEP)


def adjust(batch: Sequence[Envelope[AdjustReservation]]) -> None:
    """Have reservations hold what these changes ask for. Publishes ``ReservationAdjusted`` or ``ReservationNotAdjusted``."""
    books = _Books.open(batch)
    for envelope in batch:
        publish(_adjust(books, envelope), cause=envelope)
    books.write()


def revert(batch: Sequence[Envelope[RevertReservation]]) -> None:
    """Call these changes back, whatever became of them. Publishes ``ReservationReverted``."""
    books = _Books.open(batch)
    for envelope in batch:
        wish = envelope.message
        if books.outcomes.get(wish.change_id) == ChangeOutcome.ADJUSTED and books.holding(wish):
            books.hold(wish, _quantities(wish), envelope)
        books.decide(wish, ChangeOutcome.CALLED_BACK)
        publish(
            ReservationReverted(
                reservation_id=wish.reservation_id,
                order_id=wish.order_id,
                change_id=wish.change_id,
                reverted_at=books.now,
            ),
            cause=envelope,
        )
    books.write()


def _adjust(books: _Books, envelope: Envelope[AdjustReservation]) -> Event:
    wish, target = envelope.message, _quantities(envelope.message)
    known = books.outcomes.get(wish.change_id)
    if known == ChangeOutcome.ADJUSTED or (known is None and not target):
        books.decide(wish, ChangeOutcome.ADJUSTED)
        return _adjusted(books, wish)
    short = _shortages(books, wish, target)
    if known is not None or short or not books.holding(wish):
        if known is None:
            books.decide(wish, ChangeOutcome.REFUSED)
        return ReservationNotAdjusted(
            reservation_id=wish.reservation_id,
            order_id=wish.order_id,
            change_id=wish.change_id,
            unavailable_items=short,
            checked_at=books.now,
        )
    books.hold(wish, target, envelope)
    books.decide(wish, ChangeOutcome.ADJUSTED)
    return _adjusted(books, wish)


def _adjusted(books: _Books, wish: AdjustReservation) -> ReservationAdjusted:
    return ReservationAdjusted(
        reservation_id=wish.reservation_id,
        order_id=wish.order_id,
        change_id=wish.change_id,
        items=wish.items,
        adjusted_at=books.now,
    )


def _shortages(books: _Books, wish: AdjustReservation, target: Mapping[UUID, int]) -> list[UnavailableItem]:
    held = books.lines.get(wish.reservation_id, {})
    return [
        UnavailableItem(product_id=product_id, requested=wanted, available=held.get(product_id, 0) + available)
        for product_id, wanted in sorted(target.items())
        if (available := books.ledger.available(product_id)) < wanted - held.get(product_id, 0)
    ]


def _quantities(wish: Wish) -> Mapping[UUID, int]:
    wanted: Counter[UUID] = Counter()
    for item in wish.items:
        wanted[item.product_id] += item.quantity
    return dict(wanted)
