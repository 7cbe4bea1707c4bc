"""The stock rows one transaction has locked, and the movements it decides about them.

Decisions are made in memory on locked rows; ``write`` then changes every row with one guarded statement and appends every
movement with another, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from uuid_utils.compat import uuid7

from fulfilment.inventory.states import MovementKind
from shop.contracts.fulfilment import StockLow
from shop.messaging.bus import publish
from shop.messaging.context import current_actor, current_correlation
from shop.messaging.envelope import Envelope, Origin
from shop.messaging.outgoing import current_unit
from shop.messaging.sets import Column, columns_of, fetch_rows

# Whose doing a movement is: a message, or a person at the console.
Cause = Envelope[Any] | Origin

# In primary-key order, so that two transactions wanting the same rows never wait for each other in a circle.
LOCK_STOCK = """
    SELECT product_id, on_hand, reserved, low_stock_threshold, low_stock_notified, version, now()
    FROM fulfilment_stockitem WHERE product_id = ANY(%s) ORDER BY product_id FOR UPDATE
"""
# The rule again, for the database to enforce: if the decision above it was wrong, the row is not changed.
GUARD = "t.reserved + v.reserved BETWEEN 0 AND t.on_hand + v.on_hand"
# A movement is written only with its row's change, so that a refused row has no movement that says otherwise.
CHANGE_STOCK = """
    WITH changed AS (
        UPDATE fulfilment_stockitem t
        SET on_hand = t.on_hand + v.on_hand, reserved = t.reserved + v.reserved, version = t.version + v.movements,
            low_stock_notified = v.notified, updated_at = now()
        FROM unnest(%s::uuid[], %s::int[], %s::int[], %s::int[], %s::bool[])
             AS v(product_id, on_hand, reserved, movements, notified)
        WHERE t.product_id = v.product_id AND {guard} RETURNING t.product_id
    ), moved AS (
        INSERT INTO fulfilment_stockmovement ({columns})
        SELECT {columns} FROM unnest({holes}) WITH ORDINALITY AS v({columns}, place) JOIN changed USING (product_id)
        ORDER BY place
    )
    SELECT product_id FROM changed
"""
MOVEMENT_COLUMNS: Final[tuple[Column, ...]] = (
    ("product_id", "uuid"),
    ("sequence", "bigint"),
    ("kind", "text"),
    ("delta_on_hand", "int"),
    ("delta_reserved", "int"),
    ("on_hand_after", "int"),
    ("reserved_after", "int"),
    ("reservation_id", "uuid"),
    ("reference", "text"),
    ("reason", "text"),
    ("actor", "text"),
    ("message_id", "uuid"),
)
CHANGE: Final = CHANGE_STOCK.format(
    guard=GUARD,
    columns=", ".join(name for name, _ in MOVEMENT_COLUMNS),
    holes=", ".join(f"%s::{kind}[]" for _, kind in MOVEMENT_COLUMNS),
)


class StockGuardRefused(RuntimeError):
    """The database would not change these stock rows as decided: they had less than the decision assumed."""


def current_cause() -> Cause:
    """The one message this unit of work is about, or whoever opened it."""
    return current_unit().cause or Origin(current_correlation() or uuid7(), current_actor())


@dataclass(slots=True)
class Level:
    """One locked stock row as it will be, and what has been decided about it so far."""

    product_id: UUID
    on_hand: int
    reserved: int
    threshold: int
    notified: bool
    version: int
    at: datetime
    moved_on_hand: int = 0
    moved_reserved: int = 0
    movements: int = 0

    @property
    def available(self) -> int:
        """What can still be promised."""
        return self.on_hand - self.reserved

    def move(self, on_hand: int, reserved: int) -> None:
        """Change both figures by these differences."""
        self.on_hand += on_hand
        self.reserved += reserved
        self.moved_on_hand += on_hand
        self.moved_reserved += reserved
        self.movements += 1
        self.version += 1

    def falls_low(self) -> bool:
        """Whether this is the moment to say that stock is low. True once per fall below the threshold."""
        low = self.available < self.threshold
        falls, self.notified = low and not self.notified, low
        return falls


@dataclass(slots=True)
class StockLedger:
    """Locked rows by product; a product nobody has stocked is simply not there, and has nothing available."""

    levels: dict[UUID, Level]
    _movements: list[tuple[Any, ...]] = field(default_factory=list)

    @classmethod
    def lock(cls, product_ids: Iterable[UUID]) -> Self:
        """Lock the stock rows of these products until the transaction ends, in primary-key order."""
        wanted = sorted(set(product_ids))
        rows = fetch_rows(LOCK_STOCK, [wanted]) if wanted else []
        return cls({row[0]: Level(*row) for row in rows})

    def available(self, product_id: UUID) -> int:
        """What can still be promised of a product, decisions so far included."""
        level = self.levels.get(product_id)
        return level.available if level else 0

    def move(
        self,
        kind: MovementKind,
        product_id: UUID,
        cause: Cause,
        *,
        on_hand: int = 0,
        reserved: int = 0,
        reservation_id: UUID | None = None,
        reference: str = "",
        reason: str = "",
    ) -> None:
        """Decide one movement, and say so if it makes the product run low. Nothing is written before ``write``."""
        level = self.levels[product_id]
        level.move(on_hand, reserved)
        figures = (on_hand, reserved, level.on_hand, level.reserved)
        why = (reservation_id, reference, reason, cause.actor, cause.id)
        self._movements.append((product_id, level.version, kind.value, *figures, *why))
        self.watch(level, cause)

    def watch(self, level: Level, cause: Cause) -> None:
        """Say that a product runs low, at the moment it begins to."""
        if level.falls_low():
            low = StockLow(
                product_id=level.product_id,
                available=level.available,
                threshold=level.threshold,
                occurred_at=level.at,
            )
            publish(low, cause=cause)

    def write(self) -> None:
        """Write everything decided, stock and its ledger, in one statement. Raises ``StockGuardRefused``."""
        moved = [level for level in self.levels.values() if level.movements]
        if not moved:
            return
        rows = [(level.product_id, level.moved_on_hand, level.moved_reserved, level.movements, level.notified) for level in moved]
        movements = columns_of(self._movements, len(MOVEMENT_COLUMNS))
        changed = fetch_rows(CHANGE, [*columns_of(rows, 5), *movements])
        if len(changed) != len(moved):
            refused = {level.product_id for level in moved} - {product_id for (product_id,) in changed}
            raise StockGuardRefused(", ".join(map(str, sorted(refused))))
        self._movements = []
