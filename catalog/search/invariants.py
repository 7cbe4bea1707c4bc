"""The index tells of every product what is true of it, and nothing of any that must not be seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from catalog.search.lag import SUBSCRIBER
from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

COMPLETE: Final = "every active product is in the index as it is"
NOTHING_ELSE: Final = "searching shows nothing that is not active"

# Whatever is still on its way is no violation: mail has invariants of its own. Asked for as one list, whose plan does not depend
# on how much mail Postgres believes there is: while a feed comes in it has not counted yet, and went through all for each one.
ON_ITS_WAY: Final = """
    (SELECT m.key FROM messaging_delivery m
     WHERE m.subscriber = %(who)s AND m.key <> '' AND m.status IN ('open', 'leased', 'dead'))
"""
BEHIND: Final = f"""
    SELECT p.id, p.sequence, d.sequence FROM catalog_product p
    LEFT JOIN catalog_searchdocument d ON d.product_id = p.id
         AND d.half = (SELECT half FROM catalog_searchgeneration WHERE status = 'LIVE')
    WHERE p.status = 'ACTIVE' AND p.deleted_at IS NULL AND p.sequence > 0 AND (d.sequence IS NULL OR d.sequence < p.sequence)
      AND p.id::text NOT IN {ON_ITS_WAY} LIMIT 100
"""
SHOWN: Final = f"""
    SELECT d.product_id, CASE WHEN p.id IS NULL THEN 'unknown' WHEN p.deleted_at IS NOT NULL THEN 'deleted' ELSE p.status END
    FROM catalog_searchdocument d LEFT JOIN catalog_product p ON p.id = d.product_id
    WHERE d.status = 'ACTIVE' AND d.half = (SELECT half FROM catalog_searchgeneration WHERE status = 'LIVE')
      AND (p.id IS NULL OR p.status <> 'ACTIVE' OR p.deleted_at IS NOT NULL)
      AND d.product_id::text NOT IN {ON_ITS_WAY} LIMIT 100
"""


def search_violations() -> Iterator[Violation]:
    """At most 100 of each kind; one join of products with documents per rule."""
    for product_id, sequence, indexed in fetch_rows(BEHIND, {"who": SUBSCRIBER}):
        detail = f"message {sequence} was its last, the index has {'nothing' if indexed is None else f'message {indexed}'}"
        yield Violation(COMPLETE, str(product_id), detail)
    for product_id, status in fetch_rows(SHOWN, {"who": SUBSCRIBER}):
        yield Violation(NOTHING_ELSE, str(product_id), f"it is found although it is {status.lower()}")
