"""Filling the example shop, through the same commands as everybody: what is there already is left as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID

from pydantic import SecretStr

from catalog.products.models import Product
from config.demo.goods import CURRENCY, Good, goods
from config.demo.people import Person, people
from shop.contracts.customers import AddCustomerAddress, RegisterCustomer
from shop.contracts.fulfilment.inventory import GetStockLevels, ReceiveStock, SetLowStockThreshold
from shop.contracts.products import CreateProduct
from shop.contracts.promotions import ActivatePromotion, CreatePromotion
from shop.customers.credentials import hashed_beforehand
from shop.customers.models import CustomerProfile
from shop.messaging.bus import ask, execute, unit_of_work
from shop.messaging.context import acting
from shop.promotions.models import Promotion

ACTOR: Final = "system:seed"
# Of made-up customers with made-up addresses, on a developer's machine.
CUSTOMER_PASSWORD: Final = "window-shopping"  # noqa: S105
CHUNK: Final = 50
ASK_AT_ONCE: Final = 200
ENOUGH: Final = 150
DELIVERY: Final = 400
LOW: Final = 20

PROMOTIONS: Final = (
    CreatePromotion(
        name="Ten percent for newcomers", discount_kind="PERCENTAGE", value=1_000, code="WELCOME10", customer_segment="NEW"
    ),
    CreatePromotion(
        name="Five pounds off from fifty",
        discount_kind="FIXED_AMOUNT",
        value=500,
        currency=CURRENCY,
        minimum_spend=5_000,
        code="FIVER",
        per_customer_limit=3,
    ),
    CreatePromotion(name="Garden week", discount_kind="PERCENTAGE", value=1_500, category="Garden", stackable=True),
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seeded:
    """The example shop as it is now, and how much of it is new. Ids in the order of ``goods()`` and ``people()``."""

    products: Sequence[UUID]
    customers: Sequence[UUID]
    new_products: int
    new_customers: int


def seed() -> Seeded:
    """Bring the example shop into being, or complete it. A second run adds nothing but the stock that was sold."""
    with acting(ACTOR):
        new_products = _create_products()
        products = [*_in_order(Product.objects.filter(deleted_at__isnull=True), "sku", [good.sku for good in goods()])]
        _receive_stock(products)
        new_customers = _register_people()
        customers = [*_in_order(CustomerProfile.objects, "email_key", [person.email for person in people()])]
        _start_promotions()
    return Seeded(products, customers, new_products, new_customers)


def _create_products() -> int:
    skus = [good.sku for good in goods()]
    known = set(Product.objects.filter(sku__in=skus, deleted_at__isnull=True).values_list("sku", flat=True))
    return _in_chunks(_create_product, (good for good in goods() if good.sku not in known))


def _create_product(good: Good) -> None:
    made = execute(
        CreateProduct(sku=good.sku, name=good.name, category=good.category, price=good.price, currency=CURRENCY, status="ACTIVE")
    )
    execute(ReceiveStock(product_id=made.product_id, quantity=DELIVERY, reason="opening stock"))
    execute(SetLowStockThreshold(product_id=made.product_id, threshold=LOW))


def _receive_stock(products: Sequence[UUID]) -> None:
    """Order anew what has sold well, so that every run finds enough."""
    short = []
    for start in range(0, len(products), ASK_AT_ONCE):
        levels = ask(GetStockLevels(product_ids=list(products[start : start + ASK_AT_ONCE]))).levels
        short += [level.product_id for level in levels if level.available < ENOUGH]
    _in_chunks(lambda product: execute(ReceiveStock(product_id=product, quantity=DELIVERY, reason="restocked")), short)


def _register_people() -> int:
    emails = [person.email for person in people()]
    known = set(CustomerProfile.objects.filter(email_key__in=emails).values_list("email_key", flat=True))
    missing = [person for person in people() if person.email not in known]
    if not missing:
        return 0
    password = SecretStr(CUSTOMER_PASSWORD)
    with hashed_beforehand(password):  # one hash for all of them: three hundred would take half a minute
        return _in_chunks(lambda person: _register(person, password), missing)


def _register(person: Person, password: SecretStr) -> None:
    customer = execute(RegisterCustomer(email=person.email, name=person.name, password=password))
    execute(AddCustomerAddress(customer_id=customer.customer_id, address=person.address, is_default=True))


def _start_promotions() -> None:
    known = set(Promotion.objects.filter(name__in=[each.name for each in PROMOTIONS]).values_list("name", flat=True))
    for promotion in PROMOTIONS:
        if promotion.name not in known:
            with unit_of_work():
                execute(ActivatePromotion(promotion_id=execute(promotion).promotion_id))


def _in_chunks(work: Callable[[T], object], items: Iterable[T]) -> int:
    """Do ``work`` for each, many in one transaction; how many."""
    done, rest = 0, iter(items)
    while chunk := list(islice(rest, CHUNK)):
        with unit_of_work():
            for item in chunk:
                work(item)
        done += len(chunk)
    return done


def _in_order(rows: object, field: str, values: Sequence[str]) -> Iterable[UUID]:
    found = dict(rows.filter(**{f"{field}__in": values}).values_list(field, "id"))  # type: ignore[attr-defined]
    return [found[value] for value in values if value in found]
