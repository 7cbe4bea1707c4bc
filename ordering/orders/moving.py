"""Moving many orders at once: rows locked in key order, transitions taken in memory, everything written in one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from uuid_utils.compat import uuid7

from ordering.orders.history import COLUMNS as HISTORY_COLUMNS
from ordering.orders.history import Change, publish_changes, take
from ordering.orders.models import Order, OrderStatusHistory
from ordering.orders.queries import no_such_order
from shop.messaging.context import current_actor, current_correlation
from shop.messaging.envelope import Envelope, Origin
from shop.messaging.outgoing import current_unit
from shop.messaging.sets import Column, locked
from shop.messaging.together import Together

KEY: Final[Column] = ("id", "uuid")
COLUMNS: Final[tuple[Column, ...]] = (
    ("lifecycle_status", "text"),
    ("terminal_status", "text"),
    ("status_sequence", "int"),
    ("version", "int"),
    ("confirmed_at", "timestamptz"),
    ("paid_at", "timestamptz"),
    ("awaiting_since", "timestamptz"),
    ("fulfilment_id", "uuid"),
    ("warehouse_id", "text"),
    ("cancel_reason", "text"),
    ("ended_at", "timestamptz"),
    ("subtotal", "bigint"),
    ("discount", "bigint"),
    ("total", "bigint"),
    ("revision", "int"),
    ("delivery_method", "text"),
    ("address_revision", "int"),
    ("shipped_at", "timestamptz"),
    ("archived_at", "timestamptz"),
)


@dataclass(slots=True)
class Moves:
    """The orders of one batch, their rows locked until the transaction ends. ``now`` is the database's, UTC."""

    orders: dict[UUID, Order]
    now: datetime | None = None
    changes: list[Change] = field(default_factory=list)
    touched: dict[UUID, Order] = field(default_factory=dict)

    @classmethod
    def lock(cls, order_ids: Iterable[UUID]) -> Self:
        """Those of these orders that exist."""
        rows: list[Any] = locked(Order, order_ids, extra="now() AS now")
        return cls({row.id: row for row in rows}, rows[0].now if rows else None)

    def the(self, order_id: UUID) -> Order:
        """That order. Raises ``Missing``."""
        if order_id not in self.orders:
            raise no_such_order()
        return self.orders[order_id]

    @property
    def at(self) -> datetime:
        """When it all happens. Only asked for orders that are there."""
        assert self.now is not None
        return self.now

    def take(self, order: Order, transition: Callable[[], None], reason: str, cause: Envelope[Any] | Origin) -> None:
        """Take one transition. Raises ``TransitionNotAllowed``."""
        self.changes.append(take(order, transition, reason, self.at, cause))
        self.touch(order)

    def touch(self, order: Order) -> None:
        """This order has changed and must be written."""
        self.touched[order.id] = order

    def write(self) -> None:
        """Write the orders, their history, and say what became of them."""
        for order in self.touched.values():
            order.version += 1
        rows = [(order.id, *_values(order)) for order in self.touched.values()]
        history = [change.row() for change in self.changes]
        (
            Together()
            .update(Order._meta.db_table, KEY, COLUMNS, rows)
            .insert(OrderStatusHistory._meta.db_table, HISTORY_COLUMNS, history)
            .write()
        )
        publish_changes(self.changes)
        self.touched, self.changes = {}, []


def origin() -> Envelope[Any] | Origin:
    """What led to the open unit of work: a message, or whoever opened it."""
    cause = current_unit().cause
    return cause or Origin(correlation_id=current_correlation() or uuid7(), actor=current_actor())


def _values(order: Order) -> tuple[Any, ...]:
    values = (getattr(order, name) for name, _ in COLUMNS)
    return tuple(str(value) if isinstance(value, str) else value for value in values)
