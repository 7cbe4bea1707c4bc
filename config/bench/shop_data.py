"""A shop of a benchmark's own: products with stock, customers with tokens, and carts ready to be checked out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from django.apps import apps
from django.db import connection, transaction
from uuid_utils.compat import uuid7

from catalog.products.models import Product
from catalog.products.states import ProductState
from fulfilment.inventory.models import StockItem, StockMovement
from shop.carts.models import Cart, CartItem
from shop.contracts.addresses import Address
from shop.contracts.shopping import CartCheckedOut, CheckedOutLine
from shop.customers.models import AuthenticationSession, CustomerAccount, CustomerProfile
from shop.http.authentication import digest
from shop.messaging.bus import publish, unit_of_work
from shop.messaging.context import acting
from shop.messaging.doorbell import listening

PRODUCTS = 1_000
CUSTOMERS = 50
STOCK = 10_000_000
PRICE = 2_100
CURRENCY = "EUR"
CHUNK = 500
NO_PASSWORD = "!"  # noqa: S105 - nobody logs in with it
ADDRESS = Address(recipient_name="Bench", line1="1 Long Road", city="Berlin", postal_code="10115", country_code="DE")


@dataclass(frozen=True, slots=True)
class Shop:
    """What the drivers need to know: products, and customers with a bearer token each."""

    products: Sequence[UUID]
    customers: Sequence[tuple[UUID, str]]


def empty() -> None:
    """Remove everything the shop knows, whatever the foreign keys: a benchmark's database is nobody's."""
    labels = ("shop", "messaging", "outward", "catalog", "ordering", "payments", "fulfilment", "reviews")
    tables = [model._meta.db_table for label in labels for model in apps.get_app_config(label).get_models()]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL shop.audit_permit = 'truncate'")  # also the trail that nobody else empties
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


def stock_up(products: int = PRODUCTS, customers: int = CUSTOMERS) -> Shop:
    """So many products, stock with its ledger, and so many customers with tokens."""
    with transaction.atomic():
        sold = [
            Product(
                id=uuid7(), sku=f"BENCH-{n:05}", name=f"Product {n}", price=PRICE, currency=CURRENCY, status=ProductState.ACTIVE
            )
            for n in range(products)
        ]
        Product.objects.bulk_create(sold)
        _stock([product.id for product in sold])
        people = [_customer(f"bench{n}@example.com") for n in range(customers)]
        CustomerProfile.objects.bulk_create(people)
        CustomerAccount.objects.bulk_create(CustomerAccount(customer=person, password=NO_PASSWORD) for person in people)
        tokens = [(person.id, secrets.token_urlsafe(32)) for person in people]
        AuthenticationSession.objects.bulk_create(_session(customer_id, token) for customer_id, token in tokens)
    return Shop([product.id for product in sold], tokens)


def carts(shop: Shop, count: int, random: Random, quantity: int = 1) -> list[tuple[UUID, UUID, str]]:
    """Open carts of two products each: cart id, its customer's id and token."""
    made = [(uuid4(), *shop.customers[n % len(shop.customers)]) for n in range(count)]
    with transaction.atomic():
        Cart.objects.bulk_create(
            (Cart(id=cart, customer_id=customer, currency=CURRENCY) for cart, customer, _ in made), batch_size=CHUNK
        )
        CartItem.objects.bulk_create(
            (
                CartItem(cart_id=cart, product_id=product, quantity=quantity)
                for cart, _, _ in made
                for product in random.sample(shop.products, 2)
            ),
            batch_size=CHUNK,
        )
    return made


def checked_out(shop: Shop, count: int, random: Random) -> None:
    """That many ``CartCheckedOut`` of two products (or the only one) in the mailbox, as checkouts would have left them; nobody
    has been told yet."""
    with listening():
        for start in range(0, count, CHUNK):
            with unit_of_work():
                for _ in range(min(CHUNK, count - start)):
                    _check_out(shop, random)


def _check_out(shop: Shop, random: Random) -> None:
    session = uuid7()
    items = [
        CheckedOutLine(product_id=product, quantity=1, unit_price=PRICE, sku="BENCH", name="Product")
        for product in random.sample(shop.products, min(2, len(shop.products)))
    ]
    worth = PRICE * len(items)
    with acting("system:bench", session):
        publish(
            CartCheckedOut(
                event_id=uuid7(),
                occurred_at=datetime.now(UTC),
                cart_id=uuid4(),
                customer_id=shop.customers[0][0],
                items=items,
                subtotal=worth,
                discount=0,
                total=worth,
                currency=CURRENCY,
                checkout_session_id=session,
                delivery_address=ADDRESS,
                delivery_method="HOME_DELIVERY",
                payment_method_id="pm_card_visa",
            )
        )


def _stock(products: Sequence[UUID]) -> None:
    StockItem.objects.bulk_create(StockItem(product_id=product, on_hand=STOCK, version=1) for product in products)
    StockMovement.objects.bulk_create(
        StockMovement(
            product_id=product,
            sequence=1,
            kind="RECEIVED",
            delta_on_hand=STOCK,
            delta_reserved=0,
            on_hand_after=STOCK,
            reserved_after=0,
        )
        for product in products
    )


def _customer(email: str) -> CustomerProfile:
    return CustomerProfile(id=uuid7(), email=email, email_key=email)


def _session(customer_id: UUID, token: str) -> AuthenticationSession:
    expires_at = datetime.now(UTC) + timedelta(days=1)
    return AuthenticationSession(id=uuid7(), account_id=customer_id, token_sha256=digest(token), expires_at=expires_at)
