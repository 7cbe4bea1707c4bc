"""The catalogue as a CSV file: streamed, so that its size does not matter, and safe to open in a spreadsheet.

It is a feed too: importing it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from catalog.feeds.reading import COLUMNS
from catalog.feeds.states import RowKind
from shop.console.downloads import csv_lines
from shop.console.formats import decimals_of
from shop.messaging.sets import fetch_rows

CHUNK: Final = 5_000
FIRST: Final = UUID(int=0)
# By key, a chunk at a time: no transaction stays open for as long as somebody downloads.
PRODUCTS: Final = """
    SELECT id, sku, name, price, currency, description, category, status FROM catalog_product
    WHERE id > %s AND deleted_at IS NULL AND (%s::text = '' OR status = %s::text) ORDER BY id LIMIT %s
"""
REJECTED: Final = """
    SELECT line, sku, name, kind, errors FROM catalog_importrow
    WHERE imported_id = %s AND kind = %s AND line > %s ORDER BY line LIMIT %s
"""


def products_as_csv(status: str = "") -> Iterator[str]:
    """Every product that is not deleted, the oldest first, or those of one status: header and lines, many at a time."""
    yield csv_lines([[*COLUMNS]])
    after = FIRST
    while rows := fetch_rows(PRODUCTS, [after, status, status, CHUNK]):
        after = rows[-1][0]
        yield csv_lines(
            [[sku, name, amount(price, currency), currency, *others] for _, sku, name, price, currency, *others in rows]
        )


def errors_as_csv(import_id: UUID) -> Iterator[str]:
    """The rows of an import that were rejected or skipped, with their lines and reasons."""
    yield csv_lines([["line", "sku", "name", "result", "reason"]])
    for kind in (RowKind.REJECTED.value, RowKind.SKIPPED.value):
        after = 0
        while rows := fetch_rows(REJECTED, [import_id, kind, after, CHUNK]):
            after = rows[-1][0]
            yield csv_lines([[*row] for row in rows])


def amount(price: int, currency: str) -> str:
    """Minor units as a feed writes them: ``1234.50``, without separators."""
    decimals = decimals_of(currency)
    whole, rest = divmod(price, 10**decimals)
    return f"{whole}.{rest:0{decimals}}" if decimals else str(whole)
