"""Enrichment, off every request's path."""

from __future__ import annotations

from catalog.enrichment.enriching import enrich_chunk, look_again
from shop.contracts.products import EnrichProducts
from shop.messaging.bus import send


def enrich_products(command: EnrichProducts) -> None:
    """Enrich one chunk; while chunks are full it asks itself again. Without anything to do it costs one look at an index."""
    more = command.again and look_again()
    if enrich_chunk(command.limit) >= command.limit or more:
        send(EnrichProducts(limit=command.limit, again=more))
