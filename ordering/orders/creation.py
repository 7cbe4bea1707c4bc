"""Making orders, many at once: drafts in memory, then one insert per table whatever the size of the batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from uuid_utils.compat import uuid7

from ordering.orders.confirmation import NEXT, confirmation_number
from ordering.orders.facts import order_confirmed, order_created, placed_on_hold
from ordering.orders.history import COLUMNS as HISTORY_COLUMNS
from ordering.orders.history import Change, publish_changes, take
from ordering.orders.holds import HOME_DELIVERY, HoldPolicy, holds_for
from ordering.orders.models import Order, OrderHold, OrderLine, OrderStatusHistory
from ordering.orders.paying import money_is_settled
from shop.contracts.ordering import CreateOrder
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Invalid, Refused
from shop.messaging.outgoing import transaction_time
from shop.messaging.sets import Column, fetch_rows
from shop.messaging.together import Together

ORDER_COLUMNS: Final[tuple[Column, ...]] = (
    ("id", "uuid"),
    ("confirmation_number", "text"),
    ("customer_id", "uuid"),
    ("cart_id", "uuid"),
    ("checkout_session_id", "uuid"),
    ("reservation_id", "uuid"),
    ("payment_id", "uuid"),
    ("payment_authorization_id", "text"),
    ("subtotal", "bigint"),
    ("discount", "bigint"),
    ("total", "bigint"),
    ("currency", "text"),
    ("delivery_method", "text"),
    ("priority", "text"),
    ("lifecycle_status", "text"),
    ("status_sequence", "int"),
    ("created_at", "timestamptz"),
    ("confirmed_at", "timestamptz"),
    ("awaiting_since", "timestamptz"),
)
JSON_COLUMNS: Final[tuple[Column, ...]] = (("applied_promotions", "jsonb"), ("delivery_address", "jsonb"))
LINE_COLUMNS: Final[tuple[Column, ...]] = (
    ("order_id", "uuid"),
    ("position", "int"),
    ("product_id", "uuid"),
    ("sku", "text"),
    ("name", "text"),
    ("quantity", "int"),
    ("unit_price", "bigint"),
)
HOLD_COLUMNS: Final[tuple[Column, ...]] = (
    ("id", "uuid"),
    ("order_id", "uuid"),
    ("reason", "text"),
    ("owner_team", "text"),
    ("customer_message", "text"),
    ("review_by", "timestamptz"),
    ("placed_at", "timestamptz"),
    ("placed_by", "text"),
)
# A number for each, and whether a checkout among them has turned back.
BEGIN: Final = f"""
    SELECT {NEXT}, (SELECT id FROM ordering_checkoutsession
                    WHERE id = ANY(%s::uuid[]) AND reason <> '' AND state <> 'COMPLETED' LIMIT 1)
    FROM generate_series(1, %s)
"""
# A replay finds its order there: what belongs to an order is written only with the order of its number.
NUMBER: Final[Column] = ("confirmation_number", "text")
UNLESS_THERE: Final = "ON CONFLICT DO NOTHING RETURNING confirmation_number"
OF_THE_NEW: Final = "confirmation_number IN (SELECT confirmation_number FROM made)"


@dataclass(frozen=True, slots=True)
class Draft:
    """An order as it will be inserted, with what belongs to it and the command that asked for it."""

    envelope: Envelope[CreateOrder]
    order: Order
    lines: tuple[OrderLine, ...]
    holds: tuple[OrderHold, ...]
    changes: tuple[Change, ...]


def check_sums(command: CreateOrder) -> None:
    """Raises ``Invalid`` unless there are lines and ``total`` is their sum less ``discount`` (minor units)."""
    if not command.items:
        raise Invalid("order_without_items", "An order needs at least one item.")
    if any(item.unit_price < 0 for item in command.items):
        raise Invalid("negative_price", "A price cannot be below zero.")
    subtotal = sum(item.quantity * item.unit_price for item in command.items)
    discount = command.discount or 0
    if command.subtotal not in (None, subtotal):
        raise Invalid("subtotal_mismatch", f"The items add up to {subtotal}, not to {command.subtotal}.")
    if command.total != subtotal - discount:
        raise Invalid("total_mismatch", f"The items less the discount are {subtotal - discount}, not {command.total}.")


def draft_all(batch: Sequence[Envelope[CreateOrder]]) -> list[Draft]:
    """Drafts for every command, each standing in its first state already, in primary-key order.

    Raises ``Refused`` when a checkout of this batch has failed: its stock and money are given back.
    """
    begun = fetch_rows(BEGIN, [[envelope.message.checkout_session_id for envelope in batch], len(batch)])
    if turned_back := begun[0][1]:
        raise Refused("checkout_turned_back", f"Checkout {turned_back} has failed, so it cannot have an order.")
    now, numbers = transaction_time(), [confirmation_number(count) for count, _ in begun]
    drafts = [_draft(envelope, number, now) for envelope, number in zip(batch, numbers, strict=True)]
    return sorted(drafts, key=lambda draft: draft.order.id)


def insert(drafts: Sequence[Draft]) -> list[Draft]:
    """Write the drafts whose order, cart and session have no order yet, with all that belongs to them, in one statement; returns
    those."""

    def numbered(of_draft: Callable[[Draft], Iterable[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
        return [(*row, draft.order.confirmation_number) for draft in drafts for row in of_draft(draft)]

    lines = numbered(lambda draft: (_row(line, LINE_COLUMNS) for line in draft.lines))
    holds = numbered(lambda draft: (_row(hold, HOLD_COLUMNS) for hold in draft.holds))
    history = numbered(lambda draft: (change.row() for change in draft.changes))
    orders = [_order_row(draft.order) for draft in drafts]
    of_the_new: dict[str, Any] = {"extra": [NUMBER], "where": OF_THE_NEW}
    written = (
        Together()
        .insert(Order._meta.db_table, (*ORDER_COLUMNS, *JSON_COLUMNS), orders, name="made", tail=UNLESS_THERE)
        .insert(OrderLine._meta.db_table, LINE_COLUMNS, lines, **of_the_new)
        .insert(OrderHold._meta.db_table, HOLD_COLUMNS, holds, **of_the_new)
        .insert(OrderStatusHistory._meta.db_table, HISTORY_COLUMNS, history, **of_the_new)
        .write("SELECT confirmation_number FROM made")
    )
    numbers = {number for (number,) in written}
    return [draft for draft in drafts if draft.order.confirmation_number in numbers]


def announce(new: Sequence[Draft]) -> None:
    """Publish what these new orders are: created, then confirmed or held."""
    for draft in new:
        publish(order_created(draft.order, draft.lines), cause=draft.envelope)
        for hold in draft.holds:
            publish(placed_on_hold(hold), cause=draft.envelope)
    publish_changes([change for draft in new for change in draft.changes])
    for draft in new:
        if not draft.holds:
            publish(order_confirmed(draft.order), cause=draft.envelope)


def _draft(envelope: Envelope[CreateOrder], number: str, now: datetime) -> Draft:
    command = envelope.message
    policies = holds_for(command)
    order = _order(command, number, now)
    holds = tuple(_hold(order, policy, envelope.actor) for policy in policies)
    changes = _hold_back(order, holds, now, envelope) if holds else _let_go(order, now, envelope)
    return Draft(envelope, order, _lines(order, command), holds, changes)


def _hold_back(order: Order, holds: Sequence[OrderHold], now: datetime, envelope: Envelope[CreateOrder]) -> tuple[Change, ...]:
    reason = ", ".join(str(hold.reason) for hold in holds)
    return (take(order, order.hold, reason, now, envelope),)


def _let_go(order: Order, now: datetime, envelope: Envelope[CreateOrder]) -> tuple[Change, ...]:
    confirmed = take(order, lambda: order.confirm(now), "", now, envelope)
    if not money_is_settled(order):
        return (confirmed,)
    return (confirmed, take(order, lambda: order.await_fulfilment(now), "", now, envelope))


def _order(command: CreateOrder, number: str, now: datetime) -> Order:
    address = command.delivery_address
    return Order(
        id=command.order_id or uuid7(),
        confirmation_number=number,
        customer_id=command.customer_id,
        cart_id=command.cart_id,
        checkout_session_id=command.checkout_session_id,
        reservation_id=command.reservation_id,
        payment_id=command.payment_id,
        payment_authorization_id=command.payment_authorization_id or "",
        subtotal=command.total + (command.discount or 0),
        discount=command.discount or 0,
        total=command.total,
        currency=command.currency,
        applied_promotions=list(command.applied_promotions or ()),
        delivery_address=address.data() if address else None,
        delivery_method=command.delivery_method or HOME_DELIVERY,
        priority=command.priority or "STANDARD",
        created_at=now,
    )


def _lines(order: Order, command: CreateOrder) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(
            order_id=order.id,
            position=position,
            product_id=item.product_id,
            sku=item.sku or str(item.product_id),
            name=item.name or "",
            quantity=item.quantity,
            unit_price=item.unit_price,
        )
        for position, item in enumerate(command.items, start=1)
    )


def _hold(order: Order, policy: HoldPolicy, actor: str) -> OrderHold:
    return OrderHold(
        id=uuid7(),
        order_id=order.id,
        reason=policy.reason.value,
        owner_team=policy.owner_team,
        customer_message=policy.customer_message,
        review_by=order.created_at + policy.review_within,
        placed_at=order.created_at,
        placed_by=actor,
    )


def _order_row(order: Order) -> tuple[Any, ...]:
    address = order.delivery_address
    return (
        *_row(order, ORDER_COLUMNS),
        json.dumps(order.applied_promotions),
        None if address is None else json.dumps(address),
    )


def _row(instance: Any, columns: Sequence[Column]) -> tuple[Any, ...]:
    return tuple(str(value) if isinstance(value, str) else value for value in (getattr(instance, n) for n, _ in columns))
