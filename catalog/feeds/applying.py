"""Making the catalogue what a preview said, one chunk per transaction: rows, products and messages commit together.

Only what the preview showed is changed, and only where it is still as the preview showed it. So a chunk may be tried again as
often as it takes, and a whole feed be imported again, without any further effect.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from catalog.feeds.models import ImportRow, ProductImport
from catalog.feeds.states import RowKind
from catalog.products.adding import NewProduct, add
from catalog.products.changing import Locked, change, lock, out_of_range
from catalog.products.states import ProductState
from shop.messaging.sets import fetch_rows, update_rows

CHUNK: Final = 2_000
NEXT: Final = """
    SELECT line, kind, sku, name, description, price, currency, category, status, before FROM catalog_importrow
    WHERE imported_id = %s AND line > %s AND kind IN ('NEW', 'CHANGED') ORDER BY line LIMIT %s
"""
BY_SKU: Final = "SELECT sku, id FROM catalog_product WHERE sku = ANY(%s) AND deleted_at IS NULL"

NAMED: Final = """
    SELECT p.id FROM catalog_product p JOIN catalog_importrow r ON r.sku = p.sku
    WHERE p.id = ANY(%s) AND p.deleted_at IS NULL AND r.imported_id = %s AND r.kind <> 'REJECTED'
"""

MEANWHILE_ADDED: Final = "a product with this sku was added after the preview"
MEANWHILE_CHANGED: Final = "{fields} changed after the preview"
FOLLOWERS: Final = "a variant whose price follows would cost less than nothing, or too much"
MEANWHILE_GONE: Final = "the product was deleted after the preview"

Skipped = dict[int, str]


class Difference(NamedTuple):
    """A row that would change something."""

    line: int
    kind: str
    sku: str
    name: str
    description: str
    price: int
    currency: str
    category: str
    status: str
    before: dict[str, Any]

    @classmethod
    def read(cls, row: tuple[Any, ...]) -> Difference:
        """From a row of ``NEXT``; a new product has nothing before."""
        *fields, before = row
        return cls._make([*fields, json.loads(before) if before else {}])


def apply_chunk(imported: ProductImport) -> bool:
    """Apply the next rows of the locked import and move its position; whether there may be more."""
    rows = [Difference.read(row) for row in fetch_rows(NEXT, [imported.pk, imported.line, CHUNK])]
    skipped: Skipped = {}
    _create([row for row in rows if row.kind == RowKind.NEW], skipped)
    _update(imported, [row for row in rows if row.kind == RowKind.CHANGED], skipped)
    _note(imported, skipped)
    imported.applied += len(rows) - len(skipped)
    imported.skipped += len(skipped)
    if rows:
        imported.line = rows[-1].line
    return len(rows) == CHUNK


def _create(rows: Sequence[Difference], skipped: Skipped) -> None:
    products = {
        row.line: NewProduct(
            sku=row.sku,
            name=row.name,
            description=row.description,
            price=row.price,
            currency=row.currency,
            category=row.category,
            status=row.status or ProductState.DRAFT.value,
        )
        for row in rows
    }
    added = add(list(products.values())) if products else set()
    skipped.update({line: MEANWHILE_ADDED for line, product in products.items() if product.id not in added})


def _update(imported: ProductImport, rows: Sequence[Difference], skipped: Skipped) -> None:
    ids = dict(fetch_rows(BY_SKU, [[row.sku for row in rows]])) if rows else {}
    held = lock(ids.values(), pricing=any("price" in row.before for row in rows))
    wanted: dict[UUID, dict[str, Any]] = {}
    lines = {ids[row.sku]: row.line for row in rows if row.sku in ids}
    for row in rows:
        key = ids.get(row.sku)
        if key is None or key not in held.products:
            skipped[row.line] = MEANWHILE_GONE
        elif moved := _moved(held, key, row):
            skipped[row.line] = MEANWHILE_CHANGED.format(fields=", ".join(moved))
        else:
            wanted[key] = _wanted(row)
    staying = _named(imported, held)
    for key in out_of_range(held, wanted, staying):
        skipped[lines[key]] = FOLLOWERS
        del wanted[key]
    change(held, wanted, staying)


def _named(imported: ProductImport, held: Locked) -> set[UUID]:
    """Variants that follow a price and have a row of their own in the feed: what that says counts, also where nothing changes."""
    followers = [variant.product_id for variants in held.followers.values() for variant in variants]
    return {key for (key,) in fetch_rows(NAMED, [followers, imported.pk])} if followers else set()


def _wanted(row: Difference) -> dict[str, Any]:
    """The previewed fields; an amount of another currency is named with it, also where the number is the same."""
    fields = {name: getattr(row, name) for name in row.before}
    return fields | {"price": row.price} if "currency" in fields else fields


def _moved(held: Locked, key: UUID, row: Difference) -> list[str]:
    """The previewed fields that are not as the preview showed them; one that is already as the feed wants it is fine."""
    product = held.products[key]
    return [name for name, was in row.before.items() if getattr(product, name) not in {was, getattr(row, name)}]


def _note(imported: ProductImport, skipped: Skipped) -> None:
    update_rows(
        ImportRow._meta.db_table,
        ("line", "integer"),
        (("kind", "text"), ("errors", "text")),
        [(line, RowKind.SKIPPED.value, reason) for line, reason in skipped.items()],
        where=f"t.imported_id = '{imported.pk}'",
    )
