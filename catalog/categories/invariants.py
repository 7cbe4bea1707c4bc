"""What is always true of the tree: paths follow from parents, so there is no cycle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

PATHS: Final = """
    SELECT c.id, c.path FROM catalog_category c LEFT JOIN catalog_category p ON p.id = c.parent_id
    WHERE c.path <> coalesce(p.path || '/', '') || c.slug OR c.depth <> coalesce(p.depth + 1, 0) LIMIT 100
"""


def category_violations() -> Iterator[Violation]:
    """Categories whose path is not their parent's and their own slug, at most 100."""
    for key, path in fetch_rows(PATHS):
        yield Violation("a category's path follows from its parent's", str(key), f"it is {path}")
