"""The flow in three steps as one writes them with the ORM. Nobody delivers the outbox rows; nobody undoes anything."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from config.bench.peers.models import Order, OrderLine, Outbox, Payment, Product, Reservation

PRICE = 2_100
CURRENCY = "EUR"


class SoldOut(Exception):
    """A product's stock does not suffice; the step has left nothing behind."""


def take_stock(cart: UUID, products: Sequence[int]) -> None:
    """Guarded stock in key order, a reservation, an outbox row; one transaction. Raises ``SoldOut``."""
    with transaction.atomic(savepoint=False):
        for product in sorted(products):
            if not Product.objects.filter(pk=product, stock__gte=1).update(stock=F("stock") - 1):
                raise SoldOut(product)
        Reservation.objects.create(cart=cart, status="HELD", at=timezone.now())
        say("InventoryReserved", {"items": list(products), "cart": str(cart)})


def pay(amount: int) -> None:
    """A payment and an outbox row; one transaction."""
    with transaction.atomic(savepoint=False):
        Payment.objects.create(amount=amount, status="AUTHORIZED", at=timezone.now())
        say("PaymentAuthorized", {"amount": amount, "currency": CURRENCY})


def place_order(cart: UUID, products: Sequence[int]) -> None:
    """An order with a line for each product and an outbox row; one transaction."""
    total = PRICE * len(products)
    with transaction.atomic(savepoint=False):
        order = Order.objects.create(cart=cart, total=total, status="CONFIRMED", at=timezone.now())
        OrderLine.objects.bulk_create(OrderLine(order=order, product=product, quantity=1, price=PRICE) for product in products)
        say("OrderCreated", {"total": total, "currency": CURRENCY})


def all_at_once(cart: UUID, products: Sequence[int]) -> None:
    """The three steps in one transaction. Raises ``SoldOut``."""
    with transaction.atomic():
        take_stock(cart, products)
        pay(PRICE * len(products))
        place_order(cart, products)


def say(name: str, payload: dict[str, object]) -> None:
    """A plain outbox row that nobody will read."""
    Outbox.objects.create(name=name, payload=payload, at=timezone.now())
