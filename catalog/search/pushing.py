"""Telling an engine outside what Postgres knows: whole documents with their versions, as often and in whatever order it takes.

A push that fails is asked for again after a while, for as long as it takes: nothing is lost while the engine is away, and nobody
has to do anything when it is back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from catalog.search.clock import in_seconds
from catalog.search.engines import cluster, is_outside
from catalog.search.gateways.opensearch import EngineUnavailable, Versioned
from catalog.search.generations import open_generations
from shop.contracts.search import DropSearchIndex, PushSearchDocuments
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import Call, Called
from shop.messaging.outgoing import current_unit
from shop.messaging.sets import fetch_rows

AGAIN_AFTER_SECONDS: Final = 15
SUBSCRIBER: Final = "catalog.search.push_search_documents"
DOCUMENTS: Final = """
    SELECT product_id, version, sku, name, description, category, price, currency, status, rating, reviews
    FROM catalog_searchdocument WHERE half = %s AND product_id = ANY(%s::uuid[])
"""
NAMES: Final = ("sku", "name", "description", "category", "price", "currency", "status", "rating", "reviews")
UNTOLD: Final = """
    SELECT 1 FROM messaging_delivery d JOIN messaging_message m ON m.id = d.message_id
    WHERE d.subscriber = %s AND d.status IN ('open', 'leased', 'dead') AND m.correlation_id = %s LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Push:
    """Documents for the index of each generation. Only one that is being ``built`` gets an index if it has none: in one that
    answers, an index that begins with what changed lately would look complete and not be."""

    documents: dict[int, list[Versioned]]
    built: frozenset[int]


def tell(ids: Collection[UUID], cause: Envelope[Any] | None = None) -> None:
    """Have the engine outside told about these products, if there is one."""
    if ids and is_outside():
        send(PushSearchDocuments(product_ids=sorted(ids)), cause=cause)


def open_index() -> None:
    """Have the engine outside, if there is one, begin an index for what is being built."""
    if is_outside():
        send(PushSearchDocuments(product_ids=[]))


def drop(generation_id: int) -> None:
    """Have the engine outside forget a generation, if there is one."""
    if is_outside():
        send(DropSearchIndex(generation_id=generation_id))


def is_behind() -> bool:
    """Whether the engine outside has yet to be told something of the chain that the present message belongs to."""
    cause = current_unit().cause
    return cause is not None and bool(fetch_rows(UNTOLD, [SUBSCRIBER, cause.correlation_id]))


def prepare(batch: Sequence[Envelope[PushSearchDocuments]]) -> Sequence[Call[Push]]:
    """The documents as they are now, for every open generation; nothing where Postgres is the engine."""
    if not is_outside():
        return []
    calls = []
    for envelope in batch:
        ids = list(envelope.message.product_ids)
        generations = open_generations()
        found = {each.id: [_versioned(row) for row in fetch_rows(DOCUMENTS, [each.half, ids])] for each in generations}
        calls.append(Call(envelope, Push(found, frozenset(each.id for each in generations if not each.live))))
    return calls


def _versioned(row: tuple[Any, ...]) -> Versioned:
    product_id, version, *values = row
    return Versioned(str(product_id), version, {"productId": str(product_id), **dict(zip(NAMES, values, strict=True))})


def call(push: Push) -> bool:
    """Whether the engine has it now."""
    try:
        for generation_id, documents in push.documents.items():
            if generation_id in push.built:
                cluster().create(generation_id)
            if documents and cluster().has(generation_id):
                cluster().put(generation_id, documents)
    except EngineUnavailable:
        return False
    return True


def record(called: Sequence[Called[Any, bool]]) -> None:
    """Ask again, a while later, for what the engine did not take."""
    due = in_seconds(AGAIN_AFTER_SECONDS)
    for each in called:
        if not each.result:
            send(each.envelope.message, cause=each.envelope, due_at=due)


def call_drop(generation_id: int) -> bool:
    """Whether the engine has no such index any more."""
    try:
        cluster().drop(generation_id)
    except EngineUnavailable:
        return False
    return True


def prepare_drop(batch: Sequence[Envelope[DropSearchIndex]]) -> Sequence[Call[int]]:
    """Which indexes to drop; none where Postgres is the engine."""
    return [Call(envelope, envelope.message.generation_id) for envelope in batch] if is_outside() else []
