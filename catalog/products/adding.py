"""New products, many at a time: rows and the messages that state them, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from catalog.categories.growing import make_sure_of
from catalog.products.models import Product
from catalog.products.states import ProductState
from shop.contracts.products import CreatedProduct, ProductCreated
from shop.messaging.bus import publish
from shop.messaging.sets import Column, insert_rows

COLUMNS: Final[tuple[Column, ...]] = (
    ("id", "uuid"),
    ("sku", "text"),
    ("name", "text"),
    ("description", "text"),
    ("price", "bigint"),
    ("currency", "text"),
    ("category", "text"),
    ("status", "text"),
    ("sequence", "bigint"),
)
UNLESS_SKU_TAKEN: Final = "ON CONFLICT (sku) WHERE deleted_at IS NULL DO NOTHING RETURNING id, created_at"


@dataclass(slots=True, kw_only=True)
class NewProduct:
    """A product that is not in the catalogue yet; its first message will be number one. Lighter than a model, for a million."""

    sku: str
    name: str
    price: int
    currency: str
    description: str = ""
    category: str = ""
    status: str = ProductState.DRAFT.value
    sequence: int = 1
    id: UUID = field(default_factory=uuid7)


def add(products: Sequence[NewProduct]) -> set[UUID]:
    """Add those whose SKU is free, each stated by a ``ProductCreated``; returns the ids of these. All of them obey the rules.

    In the order of their SKUs, so that two who add the same ones wait for each other instead of blocking each other.
    """
    rows = [_row(product) for product in sorted(products, key=attrgetter("sku"))]
    inserted = dict(insert_rows(Product._meta.db_table, COLUMNS, rows, tail=UNLESS_SKU_TAKEN))
    added = [product for product in products if product.id in inserted]
    make_sure_of({product.category for product in added})
    for product in added:
        publish(
            ProductCreated(event_id=uuid7(), occurred_at=inserted[product.id], product=_created(product)),
            sequence=product.sequence,
        )
    return set(inserted)


_row = attrgetter(*(name for name, _ in COLUMNS))


def _created(product: NewProduct) -> CreatedProduct:
    return CreatedProduct(
        product_id=product.id,
        sku=product.sku,
        name=product.name,
        description=product.description or None,
        price=product.price,
        currency=product.currency,
        category=product.category or None,
        status=product.status,  # type: ignore[arg-type]  # the published statuses are the states
    )
