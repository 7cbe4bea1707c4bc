"""Products with their sequence numbers: what a read model begins with, or repairs itself from."""

from typing import Annotated

from pydantic import Field

from shop.contracts.base import Part, Query
from shop.contracts.fields import Count, Currency, Money, Name, Text, UtcTime, Uuid
from shop.contracts.products import OWNER, ProductStatus

MOST_SNAPSHOTS = 2_000


class ProductSnapshot(Part):
    """A product with the number of the last message it published: everything up to that one is in here."""

    product_id: Uuid
    sequence: Count
    sku: Name
    name: Name
    description: Text | None = None
    price: Money
    currency: Currency
    category: Name | None = None
    status: ProductStatus
    deleted: bool
    changed_at: UtcTime


class ProductSnapshots(Part):
    """Products in order of their ids, deleted ones included; fewer than asked for means that there are no more."""

    products: Annotated[list[ProductSnapshot], Field(max_length=MOST_SNAPSHOTS)]


class GetProductSnapshots(Query):
    """The products after an id, or exactly these."""

    owner = OWNER
    response = ProductSnapshots

    after: Uuid | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_SNAPSHOTS)] = 1_000
    product_ids: Annotated[list[Uuid], Field(max_length=MOST_SNAPSHOTS)] | None = None
