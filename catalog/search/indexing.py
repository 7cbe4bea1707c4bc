"""From messages to documents: what a batch of mail makes of what the index knows already.

A message that continues a document is applied to it. One the document contains already changes nothing, and before one that
leaves a gap the product itself is asked for: so the index is right in whatever order mail comes, however often, and whatever
of it was pruned. Ratings have no numbers; the later one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import structlog

from catalog.search.documents import Document, document_of, read_documents, write_documents
from catalog.search.generations import Generation, open_generations, take_turns
from catalog.search.states import DocumentState
from shop.contracts.products import ProductCreated, ProductDeleted, ProductUpdated
from shop.contracts.reviews import RatingUpdated
from shop.contracts.snapshots import GetProductSnapshots, ProductSnapshot
from shop.messaging.bus import ask
from shop.messaging.envelope import Envelope

log = structlog.get_logger(__name__)

CHANGEABLE: Final = ("name", "description", "category", "price", "currency", "status")
Fact = ProductCreated | ProductUpdated | ProductDeleted | RatingUpdated


def index(batch: Sequence[Envelope[Any]]) -> set[UUID]:
    """Bring every open generation up to what ``batch`` says; the products whose documents changed."""
    take_turns()
    facts = [(product_id, envelope) for envelope in batch if (product_id := product_of(envelope.message)) is not None]
    ids = {product_id for product_id, _ in facts}
    changed: set[UUID] = set()
    asked: dict[UUID, ProductSnapshot] = {}
    for generation in open_generations():
        changed |= _index(generation, facts, ids, asked)
    return changed


def reindex(ids: Sequence[UUID]) -> set[UUID]:
    """Write these products anew as the catalogue has them; the ones it has."""
    take_turns()
    found = _snapshots(ids)
    for generation in open_generations():
        known = read_documents(generation, found)
        write_documents(generation, [document_of(product, known.get(product_id)) for product_id, product in found.items()])
    return set(found)


def product_of(fact: Fact) -> UUID | None:
    """The product a message is about; reviews write its id as text, which may be none."""
    if isinstance(fact, ProductCreated):
        return fact.product.product_id
    if not isinstance(fact, RatingUpdated):
        return fact.product_id
    try:
        return UUID(fact.product_id)
    except ValueError:
        log.warning("rating_of_no_product", product_id=fact.product_id)
        return None


def _index(
    generation: Generation, facts: Sequence[tuple[UUID, Envelope[Any]]], ids: set[UUID], asked: dict[UUID, ProductSnapshot]
) -> set[UUID]:
    known = read_documents(generation, ids)
    changed: set[UUID] = set()
    for product_id in _with_gaps(known, facts):
        if product_id not in asked:
            asked |= _snapshots(_with_gaps(known, facts) - set(asked))
        if (product := asked.get(product_id)) is not None:
            known[product_id] = document_of(product, known.get(product_id))
            changed.add(product_id)
    for product_id, envelope in facts:
        if _apply(known, product_id, envelope):
            changed.add(product_id)
    write_documents(generation, [known[product_id] for product_id in changed])
    return changed


def _with_gaps(known: dict[UUID, Document], facts: Sequence[tuple[UUID, Envelope[Any]]]) -> set[UUID]:
    """Products of which something is missing before what is said of them now."""
    reached = {product_id: document.sequence for product_id, document in known.items()}
    gaps = set()
    for product_id, envelope in facts:
        if isinstance(envelope.message, RatingUpdated):
            if product_id not in reached:
                gaps.add(product_id)
            continue
        before, sequence = reached.get(product_id, 0), envelope.sequence or 0
        starts = before == 0 and isinstance(envelope.message, ProductCreated)
        if sequence > before + 1 or sequence == 0 or (before == 0 and not starts):
            gaps.add(product_id)
        reached[product_id] = max(before, sequence)
    return gaps


def _apply(known: dict[UUID, Document], product_id: UUID, envelope: Envelope[Any]) -> bool:
    """Whether the message changed the document, or made it."""
    fact: Fact = envelope.message
    document = known.get(product_id)
    if isinstance(fact, RatingUpdated):
        return document is not None and _rate(document, fact)
    sequence = envelope.sequence or 0
    if document is not None:
        return sequence > document.sequence and _continue(document, fact, sequence)
    if isinstance(fact, ProductCreated):
        known[product_id] = _created(fact, sequence)
    return isinstance(fact, ProductCreated)


def _continue(document: Document, fact: ProductCreated | ProductUpdated | ProductDeleted, sequence: int) -> bool:
    document.sequence, document.changed_at = sequence, fact.occurred_at
    if isinstance(fact, ProductDeleted):
        document.status = DocumentState.DELETED.value
    elif isinstance(fact, ProductUpdated):
        for name in CHANGEABLE:
            if (value := getattr(fact.changes, name)) is not None:
                setattr(document, name, value)
    return True


def _created(fact: ProductCreated, sequence: int) -> Document:
    product = fact.product
    return Document(
        product_id=product.product_id,
        sequence=sequence,
        sku=product.sku,
        name=product.name,
        description=product.description or "",
        category=product.category or "",
        price=product.price,
        currency=product.currency,
        status=product.status,
        changed_at=fact.occurred_at,
    )


def _rate(document: Document, fact: RatingUpdated) -> bool:
    if document.rated_at is not None and document.rated_at > fact.updated_at:
        return False
    before = document.rating, document.reviews, document.rated_at
    document.rating, document.reviews, document.rated_at = fact.average_rating, fact.review_count, fact.updated_at
    return before != (document.rating, document.reviews, document.rated_at)


def _snapshots(ids: Sequence[UUID] | set[UUID]) -> dict[UUID, ProductSnapshot]:
    if not ids:
        return {}
    found = ask(GetProductSnapshots(product_ids=sorted(ids)))
    return {product.product_id: product for product in found.products}
