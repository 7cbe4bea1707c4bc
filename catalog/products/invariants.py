"""What is always true of variants: they cost what they say they do, and belong to a product that is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

# A variant that follows is priced in the transaction that prices its base.
PRICES: Final = """
    SELECT v.product_id, p.price, b.price, v.price_difference FROM catalog_productvariant v
    JOIN catalog_product p ON p.id = v.product_id JOIN catalog_product b ON b.id = v.base_id
    WHERE v.price_difference IS NOT NULL
      AND (p.price <> b.price + v.price_difference OR p.currency <> b.currency) LIMIT 100
"""
FAMILY: Final = """
    SELECT v.product_id FROM catalog_productvariant v
    JOIN catalog_product p ON p.id = v.product_id JOIN catalog_product b ON b.id = v.base_id
    WHERE p.deleted_at IS NOT NULL OR b.deleted_at IS NOT NULL
       OR EXISTS (SELECT 1 FROM catalog_productvariant u WHERE u.product_id = v.base_id) LIMIT 100
"""


def product_violations() -> Iterator[Violation]:
    """Variants that contradict their base products, at most 100 per rule."""
    for key, price, base, difference in fetch_rows(PRICES):
        detail = f"it costs {price}, its base product {base} and the difference {difference}, or another currency"
        yield Violation("a variant that follows costs its base's price and its difference", str(key), detail)
    for (key,) in fetch_rows(FAMILY):
        yield Violation("a variant and its base are there, and the base is none", str(key), "one is deleted, or a chain")
