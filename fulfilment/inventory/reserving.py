"""Reserving, for a whole batch at once: who gets what is decided in memory on locked rows, in the order of the messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.conf import settings

from fulfilment.inventory import holds
from fulfilment.inventory.holds import Quantities
from fulfilment.inventory.ledger import StockLedger
from fulfilment.inventory.models import Reservation
from fulfilment.inventory.states import MovementKind, ReleaseReason, ReservationStatus
from shop.contracts.fields import LARGEST_INTEGER
from shop.contracts.fulfilment import InventoryReserved, InventoryUnavailable, ReservationView, UnavailableItem
from shop.contracts.ordering import ReserveInventory
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Invalid, Refused
from shop.messaging.sets import Column, insert_rows

LINE_COLUMNS: tuple[Column, ...] = (("reservation_id", "uuid"), ("product_id", "uuid"), ("quantity", "int"))
GIVEN = (ReservationStatus.HELD, ReservationStatus.CONSUMED)


@dataclass(frozen=True, slots=True)
class Wish:
    """One request: quantities summed per product. Without an id of its own, the message's id names the reservation."""

    envelope: Envelope[ReserveInventory]
    reservation_id: UUID
    quantities: Quantities

    @classmethod
    def of(cls, envelope: Envelope[ReserveInventory]) -> Self:
        """What a message asks for."""
        wanted: Counter[UUID] = Counter()
        for item in envelope.message.items:
            wanted[item.product_id] += item.quantity
        return cls(envelope, envelope.message.reservation_id or envelope.id, dict(wanted))

    def row(self, now: datetime, *, expires_at: datetime | None = None) -> tuple[object, ...]:
        """Its reservation row: held until ``expires_at``, or refused."""
        command = self.envelope.message
        return holds.new_row(
            self.reservation_id,
            now,
            cart_id=command.cart_id,
            customer_id=command.customer_id,
            order_id=command.order_id,
            checkout_session_id=command.checkout_session_id,
            expires_at=expires_at,
            closed=None if expires_at else ReleaseReason.UNAVAILABLE,
        )


@dataclass(frozen=True, slots=True)
class Granted:
    """The stock is set aside (or was, when the request is a repeat)."""

    view: ReservationView
    reserved_at: datetime

    def tell(self, wish: Wish, now: datetime) -> ReservationView:
        """State it as a fact; what a caller who waits is answered."""
        command = wish.envelope.message
        fact = InventoryReserved(
            reservation_id=self.view.reservation_id,
            order_id=command.order_id,
            cart_id=command.cart_id,
            items=self.view.items,
            reserved_at=self.reserved_at,
            checkout_session_id=command.checkout_session_id,
            expires_at=self.view.expires_at,
        )
        publish(fact, cause=wish.envelope)
        return self.view


@dataclass(frozen=True, slots=True)
class Denied:
    """Nothing is set aside. ``refusal`` is for a caller who waits, the fact for everybody else."""

    shortages: list[UnavailableItem]
    refusal: Refused

    def tell(self, wish: Wish, now: datetime) -> Refused:
        """State it as a fact; what a caller who waits is refused with."""
        command = wish.envelope.message
        fact = InventoryUnavailable(
            order_id=command.order_id,
            cart_id=command.cart_id,
            unavailable_items=self.shortages,
            checked_at=now,
            checkout_session_id=command.checkout_session_id,
            reservation_id=wish.reservation_id,
        )
        publish(fact, cause=wish.envelope)
        return self.refusal


Outcome = Granted | Denied


def reserve(batch: Sequence[Envelope[ReserveInventory]]) -> list[ReservationView | Refused]:
    """Decide a batch of requests, each whole or not at all; one answer each, in order.

    The number of statements does not depend on the size of the batch, nor on how many want the same product.
    """
    now = holds.database_now()
    expires_at = now + timedelta(minutes=settings.RESERVATION_MINUTES)
    wishes = [Wish.of(envelope) for envelope in batch]
    claimed = holds.claim(wish.row(now, expires_at=expires_at) for wish in wishes)
    fresh = [wish for wish in _first_of_each(wishes) if wish.reservation_id in claimed]
    repeats = [wish for wish in wishes if wish.reservation_id not in claimed]
    earlier = _Earlier.find(repeats)
    ledger = StockLedger.lock(product_id for wish in (*fresh, *repeats) for product_id in wish.quantities)
    outcomes = {wish.reservation_id: _decide(wish, ledger, now, expires_at) for wish in fresh}
    for wish in repeats:
        outcomes[wish.reservation_id] = earlier.outcome(wish, ledger)
    ledger.write()
    insert_rows("fulfilment_reservationline", LINE_COLUMNS, _lines(fresh, outcomes))
    denied = [wish for wish in _first_of_each(wishes) if isinstance(outcomes[wish.reservation_id], Denied)]
    holds.refuse(wish.row(now) for wish in denied if wish.reservation_id not in earlier.rows)
    return [outcomes[wish.reservation_id].tell(wish, now) for wish in wishes]


def _decide(wish: Wish, ledger: StockLedger, now: datetime, expires_at: datetime) -> Outcome:
    if not wish.quantities:
        return Denied([], Invalid("no_items", "A reservation needs at least one item."))
    shortages = _shortages(wish.quantities, ledger)
    if shortages:
        return _out_of_stock(shortages)
    for product_id, quantity in wish.quantities.items():
        ledger.move(MovementKind.RESERVED, product_id, wish.envelope, reserved=quantity, reservation_id=wish.reservation_id)
    view = ReservationView(
        reservation_id=wish.reservation_id,
        status="HELD",
        items=holds.items(wish.quantities),
        expires_at=expires_at,
    )
    return Granted(view, now)


def _shortages(quantities: Quantities, ledger: StockLedger, *, all_of_them: bool = False) -> list[UnavailableItem]:
    return [
        # A sum can exceed what a contract can carry; stock cannot.
        UnavailableItem(product_id=product_id, requested=min(quantity, LARGEST_INTEGER), available=available)
        for product_id, quantity in sorted(quantities.items())
        if (available := ledger.available(product_id)) < quantity or all_of_them
    ]


def _out_of_stock(shortages: list[UnavailableItem]) -> Denied:
    data = {"unavailableItems": [item.data() for item in shortages]}
    return Denied(shortages, Refused("out_of_stock", "Not enough stock for every item.", data=data))


def _first_of_each(wishes: Iterable[Wish]) -> list[Wish]:
    first: dict[UUID, Wish] = {}
    for wish in wishes:
        first.setdefault(wish.reservation_id, wish)
    return list(first.values())


def _lines(wishes: Iterable[Wish], outcomes: Mapping[UUID, Outcome]) -> list[tuple[UUID, UUID, int]]:
    return [
        (wish.reservation_id, product_id, quantity)
        for wish in wishes
        if isinstance(outcomes[wish.reservation_id], Granted)
        for product_id, quantity in wish.quantities.items()
    ]


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What is already there for requests that could not be claimed: the same reservation, or another of the same cart."""

    rows: dict[UUID, Reservation]
    lines: dict[UUID, dict[UUID, int]]
    by_cart: dict[UUID, Reservation]

    @classmethod
    def find(cls, repeats: Sequence[Wish]) -> _Earlier:
        if not repeats:
            return cls({}, {}, {})
        rows = holds.locked({wish.reservation_id for wish in repeats})
        carts = {wish.envelope.message.cart_id for wish in repeats if wish.reservation_id not in rows}
        held = Reservation.objects.filter(cart_id__in=carts, status=ReservationStatus.HELD) if carts else ()
        by_cart = {reservation.cart_id: reservation for reservation in held if reservation.cart_id}
        lines = holds.lines_of([*rows, *(reservation.id for reservation in by_cart.values())])
        return cls(rows, lines, by_cart)

    def outcome(self, wish: Wish, ledger: StockLedger) -> Outcome:
        command = wish.envelope.message
        same = self.rows.get(wish.reservation_id)
        if same is not None:
            return self._again(same, wish, ledger)
        other = self.by_cart.get(command.cart_id)
        if other is not None and command.reservation_id is None and self.lines.get(other.id) == wish.quantities:
            return self._again(other, wish, ledger)
        shortages = _shortages(wish.quantities, ledger, all_of_them=True)
        return Denied(shortages, Refused("cart_already_reserved", "The cart holds another reservation."))

    def _again(self, reservation: Reservation, wish: Wish, ledger: StockLedger) -> Outcome:
        if reservation.status in GIVEN:
            return Granted(holds.view(reservation, self.lines[reservation.id]), reservation.created_at)
        shortages = _shortages(wish.quantities, ledger, all_of_them=True)
        message = f"This reservation is {reservation.status.lower()} and cannot be had again."
        return Denied(shortages, Refused("reservation_closed", message))
