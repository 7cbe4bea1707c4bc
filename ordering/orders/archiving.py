"""Putting orders away: written and read back outside any transaction, and removed here only once that is proven."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings

from ordering.orders.facts import order_archived
from ordering.orders.gateways import archive
from ordering.orders.models import Order, OrderAdjustment, OrderArchive, OrderHold, OrderLine
from ordering.orders.moving import Moves
from ordering.orders.records import record_of
from ordering.orders.states import LifecycleStatus, RetentionCategory
from shop.contracts.ordering.archiving import ArchivedOrder, ArchiveOrder, GetArchivedOrder, SetLegalHold
from shop.messaging.bus import publish, send
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Missing, Refused, Unavailable
from shop.messaging.handlers import Call, Called, Outside
from shop.messaging.sets import fetch_rows

log = structlog.get_logger(__name__)

FINISHED: Final = (LifecycleStatus.COMPLETED, LifecycleStatus.CANCELLED)
DUE: Final = """
    SELECT id FROM ordering_order
    WHERE lifecycle_status IN ('COMPLETED', 'CANCELLED') AND NOT legal_hold AND ended_at < now() - make_interval(days => %s)
    ORDER BY ended_at LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Record:
    """What to write where. ``version`` is the order's as it was read: one that changes meanwhile is not removed."""

    order_id: UUID
    version: int
    reference: str
    text: str


def due(limit: int) -> list[UUID]:
    """Finished orders whose retention (``ORDER_RETENTION_DAYS``) is over, the longest finished first."""
    return [order_id for (order_id,) in fetch_rows(DUE, [settings.ORDER_RETENTION_DAYS, limit])]


def send_due(limit: int) -> None:
    """Have these archived, one by one."""
    for order_id in due(limit):
        send(ArchiveOrder(order_id=order_id))


def prepare(batch: Sequence[Envelope[ArchiveOrder]]) -> Sequence[Call[Record]]:
    """Read the orders that are still to be archived, whole."""
    ids = [envelope.message.order_id for envelope in batch]
    wanted = Order.objects.filter(pk__in=ids, lifecycle_status__in=FINISHED, legal_hold=False)
    orders = {order.pk: order for order in wanted}
    return [
        Call(envelope, _record(orders[envelope.message.order_id])) for envelope in batch if envelope.message.order_id in orders
    ]


def call(record: Record) -> None:
    """Write it and read it back. Raises ``NotKept`` or ``OSError``: then it is tried again."""
    archive.keep(record.reference, record.text)


def record(called: Sequence[Called[Record, None]]) -> None:
    """Proven to be kept: the orders' details are removed here. One that changed meanwhile stays for the next time."""
    moves = Moves.lock(item.intent.order_id for item in called)
    gone = []
    for item in called:
        order = moves.orders.get(item.intent.order_id)
        if order is None or order.lifecycle_status not in FINISHED or order.legal_hold or order.version != item.intent.version:
            log.warning("order_not_archived", order=str(item.intent.order_id))
            continue
        entry = _entry(order, item.intent, moves)
        moves.take(order, lambda: order.archive(moves.at), "", item.envelope)  # noqa: B023
        publish(order_archived(order, entry), cause=item.envelope)
        gone.append(order.pk)
    moves.write()
    for details in (OrderLine, OrderHold, OrderAdjustment):
        details.objects.filter(order_id__in=gone).delete()
    Order.objects.filter(pk__in=gone).update(delivery_address=None)


def set_legal_hold(command: SetLegalHold) -> Order:
    """Keep an order whatever its retention says, or no longer. Raises ``Missing``, or ``Refused`` for an archived one."""
    moves = Moves.lock([command.order_id])
    order = moves.the(command.order_id)
    if order.lifecycle_status == LifecycleStatus.ARCHIVED:
        raise Refused("order_archived", "It is archived already, and its record is never removed.")
    Order.objects.filter(pk=order.pk).update(legal_hold=command.keep)
    moves.touch(order)
    moves.write()
    return order


def restore(query: GetArchivedOrder) -> ArchivedOrder:
    """An archived order as it was, for reading. Raises ``Missing``, or ``Unavailable`` while its archive cannot be read."""
    entry = OrderArchive.objects.select_related("order").filter(pk=query.order_id).first()
    if entry is None:
        raise Missing("order_not_archived", "There is no such archived order.")
    try:
        text = archive.fetch(entry.reference, entry.checksum)
    except (OSError, archive.NotKept) as error:
        log.warning("archive_unreadable", order=str(query.order_id), error=str(error))
        raise Unavailable("archive_unreadable", "The archive cannot be read now.") from None
    return ArchivedOrder.model_validate(
        {
            "order_id": entry.pk,
            "terminal_status": str(entry.order.terminal_status),
            "archive_reference": entry.reference,
            "record_checksum": entry.checksum,
            "record": text,
        }
    )


def _record(order: Order) -> Record:
    text = record_of(order)
    assert order.ended_at is not None
    reference = f"orders/{order.ended_at:%Y/%m}/{order.pk}-{archive.checksum_of(text)[:16]}.json"
    return Record(order.pk, order.version, reference, text)


def _entry(order: Order, written: Record, moves: Moves) -> OrderArchive:
    category = RetentionCategory.FINANCIAL_RECORD if order.payment_id else RetentionCategory.STANDARD
    return OrderArchive.objects.create(
        order=order,
        reference=written.reference,
        checksum=archive.checksum_of(written.text),
        category=category,
        archived_at=moves.at,
    )


archive_order = Outside(name="ordering.orders.archive_order", prepare=prepare, call=call, record=record, threads=4)
