"""Writing down what the rules found, chunk by chunk. A description that somebody wrote is never touched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from catalog.enrichment.rules import VERSION, Enriched, Texts, enrich
from catalog.products.changing import change, lock
from catalog.products.models import Product
from shop.messaging.sets import columns_of, fetch_rows, run

WAITING: Final = """
    SELECT id FROM catalog_product WHERE NOT enriched AND deleted_at IS NULL ORDER BY id LIMIT %s
"""
LOOK_AGAIN: Final = """
    UPDATE catalog_product p SET enriched = false
    FROM (SELECT e.product_id FROM catalog_productenrichment e JOIN catalog_product q ON q.id = e.product_id
          WHERE e.rules <> %s AND q.enriched AND q.deleted_at IS NULL LIMIT %s) older
    WHERE p.id = older.product_id
"""
AT_ONCE: Final = 20_000
SEEN: Final = "UPDATE catalog_product SET enriched = true WHERE id = ANY(%s)"
# Keywords travel as JSON: an array of arrays would have to be rectangular.
KEEP: Final = """
    INSERT INTO catalog_productenrichment (product_id, slug, keywords, attributes, why, rules)
    SELECT id, slug, ARRAY(SELECT jsonb_array_elements_text(keywords)), attributes, why, %s::smallint
    FROM unnest(%s::uuid[], %s::text[], %s::jsonb[], %s::jsonb[], %s::jsonb[]) AS v(id, slug, keywords, attributes, why)
    ON CONFLICT (product_id) DO UPDATE SET slug = EXCLUDED.slug, keywords = EXCLUDED.keywords,
        attributes = EXCLUDED.attributes, why = EXCLUDED.why, rules = EXCLUDED.rules, enriched_at = now()
"""


def look_again() -> bool:
    """Products that other rules than these have looked at are due once more; whether there may be more of them."""
    return run(LOOK_AGAIN, [VERSION, AT_ONCE]) == AT_ONCE


def enrich_chunk(limit: int) -> int:
    """Enrich up to so many products that are new or have changed, in key order; how many."""
    held = lock((key for (key,) in fetch_rows(WAITING, [limit])), pricing=False)
    products = [product for product in held.products.values() if not product.enriched]
    found = {product.id: enrich(_texts(product)) for product in products}
    undescribed = [product.id for product in products if not product.description and found[product.id].description]
    change(held, {key: {"description": found[key].description} for key in undescribed})
    _keep(found)
    run(SEEN, [list(found)])
    return len(found)


def _texts(product: Product) -> Texts:
    return Texts(product.id, product.name, product.description, product.category)


def _keep(found: Mapping[UUID, Enriched]) -> None:
    if found:
        rows = [
            (key, each.slug, json.dumps(each.keywords), json.dumps(each.attributes), json.dumps(each.why))
            for key, each in found.items()
        ]
        run(KEEP, [VERSION, *columns_of(rows, 5)])
