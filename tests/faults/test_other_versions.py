"""Mail written by an older or a newer release: dealt with or parked where people see it, never dropped, nobody held up."""

import json
import subprocess
import sys
import time
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from uuid_utils.compat import uuid7

from fulfilment.inventory.models import Reservation
from ordering.orders.models import Order
from shop.messaging.models import Delivery, Message
from tests.faults.tools import Shop, forget_time, orders, states, violations

pytestmark = [pytest.mark.xdist_group("faults-versions"), pytest.mark.slow]

SAGA, BINDER = "ordering.checkout.saga", "fulfilment.inventory.bind_reservation_when_order_created"


def stored(version: str, subscriber: str, queue: str, name: str = "OrderCreated", **payload: Any) -> Delivery:
    """A message as another release left it in the mailbox."""
    message = Message.objects.create(
        id=uuid7(), kind="event", name=name, version=version, correlation_id=uuid7(), payload=json.loads(json.dumps(payload))
    )
    return Delivery.objects.create(message=message, subscriber=subscriber, queue=queue)


def old_order(order: UUID) -> dict[str, Any]:
    created_at = "2026-01-01T12:00:00Z"
    return {"orderId": str(order), "customerId": str(uuid7()), "total": 4200, "currency": "EUR", "createdAt": created_at}


def work_until_parked(shop: Shop) -> None:
    """As many tries as a delivery gets, without the waits between them."""
    worker = subprocess.Popen([sys.executable, "-m", "tests.faults.worker"], env=shop.environment({}))
    while worker.poll() is None:
        forget_time()
        time.sleep(0.1)
    assert worker.returncode == 0


def assert_seen(delivery: Delivery) -> None:
    """It had its effect, or it is parked with a reason."""
    delivery.refresh_from_db()
    assert delivery.status in ("done", "dead")
    assert delivery.status == "done" or (delivery.error and delivery.fingerprint)
    assert Message.objects.filter(id=delivery.message_id).exists()


def test_an_order_in_its_second_published_shape(shop: Shop) -> None:
    """To a subscriber that needs no more than it says: the reservation of that order is bound."""
    shop.checkout()
    assert shop.work() == 0
    order = Order.objects.get()
    Reservation.objects.update(order_bound=False)
    delivery = stored("0.6.0", BINDER, "fulfilment", **old_order(order.id))
    work_until_parked(shop)
    assert_seen(delivery)
    assert delivery.status == "done"
    assert Reservation.objects.get(order_id=order.id).order_bound


def test_to_one_that_cannot_read_it(shop: Shop) -> None:
    """It is parked with its reason while the mail around it goes on, and can be retried by the release that can read it."""
    versions = ("0.3.0", "0.6.0", "2.0.0")
    parked = [stored(version, SAGA, "ordering", **old_order(uuid7())) for version in versions]
    shop.checkout(3)
    parked += [stored(version, SAGA, "ordering", **old_order(uuid7())) for version in versions]
    work_until_parked(shop)
    for delivery in parked:
        assert_seen(delivery)
    assert set(states().values()) == {"COMPLETED"}
    assert orders() == 3
    assert violations() == []
    newer = parked[2]
    assert newer.status == "dead"
    call_command("deliveries", "retry", str(newer.pk), "--reason", "the new release is out")
    newer.refresh_from_db()
    assert newer.status == "open"


def test_malformed_or_unheard_of(shop: Shop) -> None:
    strange = [
        stored("1.0.0", BINDER, "fulfilment", orderId=7),
        stored("1.0.0", BINDER, "fulfilment", name="OrderSangAndDanced"),
        stored("1.0.0", SAGA, "ordering", name="InventoryReserved", orderId="no id"),
    ]
    shop.checkout(2)
    work_until_parked(shop)
    for delivery in strange:
        assert_seen(delivery)
        assert delivery.status == "dead"
    assert orders() == 2
    assert violations() == []
