"""Documents of the index, written and read in sets. Whoever writes holds the turn (``generations.take_turns``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from catalog.search.generations import Generation
from catalog.search.states import DocumentState
from shop.contracts.snapshots import ProductSnapshot
from shop.messaging.sets import columns_of, fetch_rows, run

READ: Final = """
    SELECT product_id, sequence, sku, name, description, category, price, currency, status, changed_at, rating, reviews, rated_at
    FROM catalog_searchdocument WHERE half = %s AND product_id = ANY(%s::uuid[])
"""
KINDS: Final = (
    "uuid", "bigint", "text", "text", "text", "text", "bigint", "text", "text", "timestamptz", "float8", "int", "timestamptz",
)  # fmt: skip
# OFFSET 0: the head is computed once and not where it is used. A deleted product has no words.
WRITE: Final = f"""
    INSERT INTO catalog_searchdocument AS d (half, product_id, sequence, version, sku, name, description, category, price,
        currency, status, rating, reviews, rated_at, changed_at, indexed_at, name_words, head, words)
    SELECT %s::smallint, product_id, sequence, 1, sku, name, description, category, price, currency, status, rating, reviews,
           rated_at, changed_at, now(), name_words, head,
           CASE WHEN status = 'DELETED' THEN '' ELSE catalog_search_words(head, config, description, terms) END
    FROM (
        SELECT v.*, config, cardinality(string_to_array(catalog_search_plain(name), ' ')) AS name_words,
               catalog_search_head(config, name, sku, category) AS head, catalog_search_terms(category, price) AS terms
        FROM unnest({", ".join(f"%s::{kind}[]" for kind in KINDS)})
             AS v(product_id, sequence, sku, name, description, category, price, currency, status, changed_at, rating, reviews,
                  rated_at),
             (SELECT %s::regconfig AS config) AS c
        OFFSET 0
    ) AS w
    ON CONFLICT (half, product_id) DO UPDATE SET
        sequence = excluded.sequence, version = d.version + 1, sku = excluded.sku, name = excluded.name,
        description = excluded.description, category = excluded.category, price = excluded.price, currency = excluded.currency,
        status = excluded.status, rating = excluded.rating, reviews = excluded.reviews, rated_at = excluded.rated_at,
        changed_at = excluded.changed_at, indexed_at = now(), name_words = excluded.name_words, head = excluded.head,
        words = excluded.words
    WHERE d.sequence <= excluded.sequence
"""
# Words with digits are numbers of models, not something people misspell.
LEARN: Final = """
    INSERT INTO catalog_searchword (half, word)
    SELECT DISTINCT %s::smallint, word FROM unnest(%s::text[]) AS said,
        LATERAL regexp_split_to_table(catalog_search_plain(said), ' ') AS word
    WHERE length(word) BETWEEN 3 AND 40 AND word !~ '[0-9]'
      AND NOT EXISTS (SELECT 1 FROM catalog_searchword w WHERE w.half = %s AND w.word = word)
    ON CONFLICT DO NOTHING
"""


@dataclass(slots=True)
class Document:
    """A product as the index knows it. ``rating`` is 0 while there are no ``reviews``; prices are minor units."""

    product_id: UUID
    sequence: int
    sku: str
    name: str
    description: str
    category: str
    price: int
    currency: str
    status: str
    changed_at: dt.datetime
    rating: float = 0.0
    reviews: int = 0
    rated_at: dt.datetime | None = None

    def row(self) -> tuple[Any, ...]:
        """Its values in the order in which they are read and written."""
        return (
            self.product_id, self.sequence, self.sku, self.name, self.description, self.category, self.price, self.currency,
            self.status, self.changed_at, self.rating, self.reviews, self.rated_at,
        )  # fmt: skip


def document_of(product: ProductSnapshot, known: Document | None) -> Document:
    """The product as a document, with the rating that is known of it."""
    document = Document(
        product_id=product.product_id,
        sequence=product.sequence,
        sku=product.sku,
        name=product.name,
        description=product.description or "",
        category=product.category or "",
        price=product.price,
        currency=product.currency,
        status=DocumentState.DELETED.value if product.deleted else product.status,
        changed_at=product.changed_at,
    )
    if known is not None:
        document.rating, document.reviews, document.rated_at = known.rating, known.reviews, known.rated_at
    return document


def read_documents(generation: Generation, ids: Iterable[UUID]) -> dict[UUID, Document]:
    """What a generation knows of these products, in one statement."""
    return {row[0]: Document(*row) for row in fetch_rows(READ, [generation.half, sorted(ids)])}


def write_documents(generation: Generation, documents: Sequence[Document]) -> None:
    """Write these documents and learn their words: two statements however many they are. An older one never replaces a newer."""
    if not documents:
        return
    ordered = sorted(documents, key=lambda document: document.product_id)
    columns = columns_of([document.row() for document in ordered], len(KINDS))
    run(WRITE, [generation.half, *columns, generation.config])
    said = [
        text for document in ordered if document.status == DocumentState.ACTIVE for text in (document.name, document.category)
    ]
    run(LEARN, [generation.half, said, generation.half])
