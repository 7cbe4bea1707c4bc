"""Made-up histories of products: every message with the number it would have, and what the index must come to."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

from catalog.search.generations import live_generation
from catalog.search.indexing import index
from shop.contracts.products import CreatedProduct, ProductChanges, ProductCreated, ProductDeleted, ProductUpdated
from shop.contracts.reviews import RatingUpdated
from shop.messaging.envelope import Envelope
from shop.messaging.outgoing import unit_of_work
from shop.messaging.sets import fetch_rows

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
WORDS = ("lamp", "shirt", "red", "blue", "cotton", "desk", "oak", "cup", "bowl", "rug")
CATEGORIES = ("", "Lighting", "Clothing", "Textiles")
# Everything an index says about a product; when it was indexed and how often it was written are its own business.
SAYS = """
    SELECT product_id, sequence, sku, name, description, category, price, currency, status, rating, reviews, rated_at, changed_at,
           name_words, head::text, words::text
    FROM catalog_searchdocument WHERE half = %s ORDER BY product_id
"""


def envelope(message: Any, sequence: int | None) -> Envelope[Any]:
    """The message as mail brings it."""
    return Envelope(uuid4(), message, uuid4(), None, "test", START, sequence)


def history(chance: random.Random, product_id: UUID, length: int) -> list[Envelope[Any]]:
    """One product's messages in order: created, changed again and again, rated in between, in the end perhaps deleted."""
    said = [envelope(_created(chance, product_id), 1)]
    for number in range(2, length + 1):
        at = START + dt.timedelta(minutes=number)
        if number == length and chance.random() < 0.3:
            said.append(envelope(ProductDeleted(event_id=uuid4(), occurred_at=at, product_id=product_id), number))
        else:
            changes = ProductChanges(**_changes(chance))
            said.append(
                envelope(ProductUpdated(event_id=uuid4(), occurred_at=at, product_id=product_id, changes=changes), number)
            )
        if chance.random() < 0.4:
            said.append(envelope(_rated(chance, product_id, at), None))
    return said


def shuffled_together(chance: random.Random, histories: Sequence[Sequence[Envelope[Any]]]) -> list[Envelope[Any]]:
    """All of them, each in its own order, otherwise at random."""
    waiting = [list(reversed(one)) for one in histories]
    result = []
    while waiting:
        one = chance.choice(waiting)
        result.append(one.pop())
        waiting = [left for left in waiting if left]
    return result


def in_batches(chance: random.Random, mail: Sequence[Envelope[Any]]) -> Iterable[list[Envelope[Any]]]:
    """In batches of every size."""
    at = 0
    while at < len(mail):
        size = chance.choice((1, 2, 7, 30, 200))
        yield list(mail[at : at + size])
        at += size


def hear(batch: Sequence[Envelope[Any]], *, and_die: bool = False) -> None:
    """Index a batch in a transaction, or die in it after the work is done and before it is committed."""
    with suppress(Died), unit_of_work():
        index(batch)
        if and_die:
            raise Died


class Died(Exception):
    """The worker was killed."""


def what_it_says(half: int | None = None) -> list[tuple[Any, ...]]:
    """All the index that answers says, or one half of it."""
    live = live_generation()
    return fetch_rows(SAYS, [half or (live.half if live else 0)])


def _created(chance: random.Random, product_id: UUID) -> ProductCreated:
    product = CreatedProduct(
        product_id=product_id,
        sku=f"SKU-{product_id}",
        name=_name(chance),
        price=chance.randrange(100_000),
        currency="EUR",
        category=chance.choice(CATEGORIES),
        status=chance.choice(("DRAFT", "ACTIVE")),
    )
    return ProductCreated(event_id=uuid4(), occurred_at=START, product=product)


def _changes(chance: random.Random) -> dict[str, Any]:
    possible = {
        "name": _name(chance),
        "description": _name(chance),
        "price": chance.randrange(100_000),
        "category": chance.choice(CATEGORIES),
        "status": chance.choice(("ACTIVE", "ARCHIVED")),
    }
    return {name: possible[name] for name in chance.sample(sorted(possible), chance.randint(1, 3))}


def _rated(chance: random.Random, product_id: UUID, at: dt.datetime) -> RatingUpdated:
    return RatingUpdated(
        product_id=str(product_id),
        average_rating=chance.randint(10, 50) / 10,
        review_count=chance.randint(1, 500),
        updated_at=at,
    )


def _name(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(1, 4))).title()
