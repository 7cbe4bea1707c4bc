"""What every accepted transition leaves behind: one row of history and one OrderStatusChanged, with the same sequence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from ordering.orders.models import Order
from shop.contracts.ordering import OrderStatusChanged
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope, Origin
from shop.messaging.sets import Column

LONGEST_REASON: Final = 250
COLUMNS: Final[tuple[Column, ...]] = (
    ("order_id", "uuid"),
    ("sequence", "int"),
    ("previous_status", "text"),
    ("new_status", "text"),
    ("reason", "text"),
    ("actor", "text"),
    ("correlation_id", "uuid"),
    ("changed_at", "timestamptz"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One accepted transition. ``at`` is UTC."""

    order_id: UUID
    sequence: int
    previous: str
    new: str
    reason: str
    at: datetime
    cause: Envelope[Any] | Origin

    def row(self) -> tuple[Any, ...]:
        """Its row of history, in the order of ``COLUMNS``."""
        return (
            self.order_id,
            self.sequence,
            self.previous,
            self.new,
            self.reason,
            self.cause.actor,
            self.cause.correlation_id,
            self.at,
        )

    def fact(self) -> OrderStatusChanged:
        """The event that states it."""
        return OrderStatusChanged.model_validate(
            {
                "order_id": self.order_id,
                "previous_status": self.previous,
                "new_status": self.new,
                "sequence": self.sequence,
                "change_reason": self.reason or None,
                "correlation_id": self.cause.correlation_id,
                "changed_at": self.at,
            }
        )


def take(order: Order, transition: Callable[[], None], reason: str, at: datetime, cause: Envelope[Any] | Origin) -> Change:
    """Take one transition in memory and count it. Raises ``TransitionNotAllowed``; the order's row is locked or new."""
    previous = str(order.lifecycle_status)
    transition()
    order.status_sequence += 1
    new = str(order.lifecycle_status)
    return Change(order.id, order.status_sequence, previous, new, reason[:LONGEST_REASON], at, cause)


def publish_changes(changes: Sequence[Change]) -> None:
    """Publish transitions whose history is kept."""
    for change in changes:
        publish(change.fact(), cause=change.cause, sequence=change.sequence)
