"""Picking jobs as rows: made in sets, locked one by one, shown as their contract shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, cast
from uuid import UUID

from fulfilment.warehouse.models import PickingJob, PickingLine
from fulfilment.warehouse.states import RANKS
from shop.contracts.fields import DeliveryMethod, Priority
from shop.contracts.fulfilment import PickingJobView, PickingLineView, PickingStatus
from shop.contracts.ordering import GetOrdersForFulfilment, OrderForFulfilment, OrderFulfilmentStarted
from shop.messaging.bus import ask
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Missing
from shop.messaging.sets import Column, insert_rows

TABLE: Final = "fulfilment_pickingjob"
COLUMNS: Final[tuple[Column, ...]] = (
    ("id", "uuid"),
    ("order_id", "uuid"),
    ("customer_id", "uuid"),
    ("confirmation_number", "text"),
    ("warehouse_id", "text"),
    ("reservation_id", "uuid"),
    ("replaces", "uuid"),
    ("delivery_method", "text"),
    ("priority", "text"),
    ("rank", "smallint"),
    ("address", "jsonb"),
    ("address_revision", "int"),
    ("status", "text"),
    ("dispatch_by", "timestamptz"),
)
LINE_COLUMNS: Final[tuple[Column, ...]] = (
    ("job_id", "uuid"),
    ("position", "int"),
    ("product_id", "uuid"),
    ("sku", "text"),
    ("name", "text"),
    ("quantity", "int"),
)
OVER: Final = frozenset({"COMPLETED", "CANCELLED", "ARCHIVED"})
Lines = Iterable[tuple[int, UUID, str, str, int]]  # position, product, SKU, name, quantity


def create(batch: Sequence[Envelope[OrderFulfilmentStarted]]) -> None:
    """A job per order whose fulfilment has started; one that has its job already, or has ended meanwhile, gets none.

    Raises ``Missing`` for an order that nobody knows.
    """
    orders = orders_of({envelope.message.order_id for envelope in batch})
    rows: dict[UUID, tuple[object, ...]] = {}
    for envelope in batch:
        started = envelope.message
        order = orders.get(started.order_id)
        if order is None:
            raise Missing("order_not_found", f"There is no order {started.order_id}.")
        if order.lifecycle_status not in OVER:
            rows.setdefault(started.order_id, _row(started, order))
    made = insert_rows(TABLE, COLUMNS, rows.values(), tail="ON CONFLICT DO NOTHING RETURNING id, order_id")
    lines = [
        (job_id, line.position, line.product_id, line.sku, line.name, line.quantity)
        for job_id, order_id in made
        for line in orders[order_id].lines
    ]
    insert_rows("fulfilment_pickingline", LINE_COLUMNS, lines)


def create_replacement(job: PickingJob, job_id: UUID, reservation_id: UUID, shipment_id: UUID, lines: Lines) -> None:
    """A job that picks these lines of an earlier job again, from another reservation."""
    PickingJob.objects.create(
        id=job_id,
        order_id=job.order_id,
        customer_id=job.customer_id,
        confirmation_number=job.confirmation_number,
        warehouse_id=job.warehouse_id,
        reservation_id=reservation_id,
        replaces=shipment_id,
        delivery_method=job.delivery_method,
        priority=job.priority,
        rank=job.rank,
        address=job.address,
        address_revision=job.address_revision,
    )
    insert_rows("fulfilment_pickingline", LINE_COLUMNS, [(job_id, *line) for line in lines])


def orders_of(order_ids: Iterable[UUID]) -> dict[UUID, OrderForFulfilment]:
    """These orders as orders tells them now, by id."""
    answer = ask(GetOrdersForFulfilment(order_ids=sorted(set(order_ids))))
    return {order.order_id: order for order in answer.orders}


def locked(job_id: UUID) -> PickingJob:
    """The job, locked until the transaction ends. Raises ``Missing``."""
    job = PickingJob.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise Missing("picking_job_not_found", "There is no such picking job.")
    return job


def lines_of(job: PickingJob) -> list[PickingLine]:
    """Its lines in their order."""
    return list(PickingLine.objects.filter(job=job).order_by("position"))


def wanted(lines: Iterable[PickingLine]) -> dict[UUID, int]:
    """What is still to leave the house, by product: everything but what was left out."""
    return _summed((line.product_id, line.quantity - line.left_out) for line in lines)


def picked(lines: Iterable[PickingLine]) -> dict[UUID, int]:
    """What was picked, by product."""
    return _summed((line.product_id, line.picked) for line in lines)


def missing(lines: Iterable[PickingLine]) -> dict[UUID, int]:
    """What could not be found and is not decided about, by product."""
    return _summed((line.product_id, line.missing) for line in lines)


def save(job: PickingJob) -> None:
    """Write a locked job, so that whoever looked at it before knows that it has changed."""
    job.version += 1
    job.save()


def view(job: PickingJob, lines: Iterable[PickingLine]) -> PickingJobView:
    """A job as its contract shows it."""
    return PickingJobView(
        picking_job_id=job.pk,
        order_id=job.order_id,
        confirmation_number=job.confirmation_number,
        status=cast(PickingStatus, str(job.status)),
        priority=cast(Priority, job.priority),
        delivery_method=cast(DeliveryMethod, job.delivery_method),
        is_short=job.short_since is not None,
        parcel_count=job.parcel_count,
        lines=[
            PickingLineView(
                position=line.position,
                product_id=line.product_id,
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                picked=line.picked,
                missing=line.missing,
                left_out=line.left_out,
            )
            for line in lines
        ],
    )


def _row(started: OrderFulfilmentStarted, order: OrderForFulfilment) -> tuple[object, ...]:
    return (
        started.fulfilment_id,
        order.order_id,
        order.customer_id,
        order.confirmation_number,
        started.warehouse_id,
        order.reservation_id,
        None,
        order.delivery_method,
        order.priority,
        RANKS[order.priority],
        order.delivery_address.payload() if order.delivery_address else None,
        order.address_revision,
        "CREATED",
        started.estimated_dispatch_at,
    )


def _summed(pairs: Iterable[tuple[UUID, int]]) -> dict[UUID, int]:
    total: Counter[UUID] = Counter()
    for product_id, count in pairs:
        total[product_id] += count
    return {product_id: count for product_id, count in total.items() if count}


def address_of(order: OrderForFulfilment) -> Any:
    """Its address as it is kept, or ``None``."""
    return order.delivery_address.data() if order.delivery_address else None
