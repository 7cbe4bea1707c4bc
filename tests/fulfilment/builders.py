"""Stock, requests and facts, in the words of the tests."""

from __future__ import annotations

import json
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from uuid_utils.compat import uuid7

from fulfilment.inventory.invariants import check
from fulfilment.inventory.models import Reservation, StockItem
from shop.contracts.base import Command, Event, Message
from shop.contracts.fulfilment import ReceiveStock, ReservedItem, SetLowStockThreshold
from shop.contracts.ordering import CreatedOrderItem, OrderCreated, ReserveInventory
from shop.messaging import models as mail
from shop.messaging.bus import execute, publish, send, unit_of_work
from tests.mail import deliver_all

E = TypeVar("E", bound=Message)


def stocked(quantity: int = 10, *, threshold: int = 0) -> UUID:
    """A product of which so many are on hand."""
    product_id = uuid7()
    if quantity:
        execute(ReceiveStock(product_id=product_id, quantity=quantity))
    else:
        StockItem.objects.create(product_id=product_id)
    if threshold:
        execute(SetLowStockThreshold(product_id=product_id, threshold=threshold))
    return product_id


def request(*wanted: tuple[UUID, int], **fields: Any) -> ReserveInventory:
    """A request as a checkout makes it, with every id allotted."""
    ids = {name: uuid7() for name in ("cart_id", "reservation_id", "order_id", "checkout_session_id")}
    items = [ReservedItem(product_id=product_id, quantity=quantity) for product_id, quantity in wanted]
    return ReserveInventory(**{**ids, "customer_id": uuid7(), "items": items, **fields})


def deliver(*messages: Message) -> None:
    """Send these by mail, in one unit of work, and empty the queue of the department."""
    with unit_of_work():
        for message in messages:
            if isinstance(message, Command):
                send(message)
            elif isinstance(message, Event):
                publish(message)
    empty_queue()


def empty_queue() -> None:
    """Deliver all mail of the department, as a worker does, on this connection."""
    deliver_all(queues={"fulfilment"})


def held(*wanted: tuple[UUID, int], **fields: Any) -> Reservation:
    """A reservation that holds stock."""
    command = request(*wanted, **fields)
    deliver(command)
    assert command.reservation_id is not None
    reservation = Reservation.objects.get(id=command.reservation_id)
    assert reservation.status == "HELD"
    return reservation


def created(order_id: UUID | None) -> OrderCreated:
    """The fact that an order exists."""
    assert order_id is not None
    return OrderCreated(
        order_id=order_id,
        customer_id=uuid7(),
        total=1000,
        currency="EUR",
        status="created",
        items=[CreatedOrderItem(sku="SKU-1", quantity=1, unit_price=1000)],
        created_at=database_now(),
    )


def database_now() -> Any:
    """The database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]


def make_overdue(*reservations: Reservation) -> None:
    """Let the time of these be up."""
    with connection.cursor() as cursor:
        ids = [reservation.id for reservation in reservations]
        cursor.execute("UPDATE fulfilment_reservation SET expires_at = now() - interval '1 second' WHERE id = ANY(%s)", [ids])


def facts(kind: type[E]) -> list[E]:
    """Everything of this kind that was said, the oldest first."""
    said = mail.Message.objects.filter(name=kind.message_name(), version=kind.version).order_by("id")
    return [kind.read(json.dumps(message.payload)) for message in said]


def figures(product_id: UUID) -> tuple[int, int, int]:
    """On hand, reserved and available."""
    item = StockItem.objects.get(product_id=product_id)
    return item.on_hand, item.reserved, item.available


def status_of(reservation_id: UUID | None) -> str:
    """How a reservation stands in the database."""
    return str(Reservation.objects.get(id=reservation_id).status)


def dead_mail() -> list[str]:
    """Errors of deliveries that were given up."""
    return list(mail.Delivery.objects.filter(status="dead").values_list("error", flat=True))


def assert_adds_up() -> None:
    """Stock, ledger and reservations tell one story, and no mail was given up or left."""
    assert list(check()) == []
    assert dead_mail() == []
    assert not mail.Delivery.objects.filter(queue="fulfilment", status="open").exists()
