"""Products with their sequence numbers, for read models that begin anew or have missed something."""

from __future__ import annotations

from typing import Any, Final

from shop.contracts.snapshots import GetProductSnapshots, ProductSnapshot, ProductSnapshots
from shop.messaging.sets import fetch_rows

COLUMNS: Final = "id, sequence, sku, name, description, price, currency, category, status, deleted_at IS NOT NULL, updated_at"
AFTER: Final = f"SELECT {COLUMNS} FROM catalog_product WHERE id > %s ORDER BY id LIMIT %s"
FIRST: Final = f"SELECT {COLUMNS} FROM catalog_product ORDER BY id LIMIT %s"
THESE: Final = f"SELECT {COLUMNS} FROM catalog_product WHERE id = ANY(%s) ORDER BY id"


def get_product_snapshots(query: GetProductSnapshots) -> ProductSnapshots:
    """Products in order of their ids, in one statement; unknown ids are left out."""
    if query.product_ids is not None:
        rows = fetch_rows(THESE, [query.product_ids])
    elif query.after is not None:
        rows = fetch_rows(AFTER, [query.after, query.limit])
    else:
        rows = fetch_rows(FIRST, [query.limit])
    return ProductSnapshots(products=[_snapshot(row) for row in rows])


def _snapshot(row: tuple[Any, ...]) -> ProductSnapshot:
    product_id, sequence, sku, name, description, price, currency, category, status, deleted, changed_at = row
    return ProductSnapshot(
        product_id=product_id,
        sequence=sequence,
        sku=sku,
        name=name,
        description=description or None,
        price=price,
        currency=currency,
        category=category or None,
        status=status,
        deleted=deleted,
        changed_at=changed_at,
    )
