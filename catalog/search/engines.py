"""The port behind which an engine finds things: Postgres itself, or another that is told what Postgres has.

Documents and generations are always in Postgres; so whatever engine answers, the index follows the catalogue, is rebuilt and is
repaired alike, and Postgres can answer while the other does not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Protocol

import structlog
from django.conf import settings

from catalog.search.finding import find
from catalog.search.found import Found
from catalog.search.gateways.opensearch import EngineUnavailable, OpenSearch
from catalog.search.generations import Generation
from catalog.search.understanding import second_thoughts, understand
from shop.contracts.search import SearchFilters, Sort

log = structlog.get_logger(__name__)

POSTGRES: Final = "postgres"
OPENSEARCH: Final = "opensearch"


class Engine(Protocol):
    """Finds products in one generation of the index."""

    def find(self, generation: Generation, typed: str, filters: SearchFilters, sort: Sort, *, limit: int, offset: int) -> Found:
        """A page of what matches ``typed``, or of what was probably meant. Only active products unless the filter says else."""
        ...


class Postgres:
    """The documents are the index."""

    def find(self, generation: Generation, typed: str, filters: SearchFilters, sort: Sort, *, limit: int, offset: int) -> Found:
        """See ``finding`` for what matches and ``scoring`` for what it is worth."""
        understood = understand(generation, typed)
        if not understood.words:
            return Found()
        found = find(generation, understood, filters, sort, limit=limit, offset=offset)
        meant = None if found.total else second_thoughts(generation, understood)
        if meant is None:
            return found
        again = find(generation, meant, filters, sort, limit=limit, offset=offset)
        return replace(again, meant=meant.corrected) if again.total else found


class Outside:
    """OpenSearch finds them; while it does not answer, Postgres does."""

    def find(self, generation: Generation, typed: str, filters: SearchFilters, sort: Sort, *, limit: int, offset: int) -> Found:
        """The same question to whoever answers."""
        try:
            return cluster().find(generation.id, typed, filters, sort, limit=limit, offset=offset)
        except EngineUnavailable as error:
            log.warning("search_engine_unavailable", error=str(error))
            return Postgres().find(generation, typed, filters, sort, limit=limit, offset=offset)


def engine() -> Engine:
    """The engine that ``SEARCH_ENGINE`` names."""
    return Outside() if is_outside() else Postgres()


def is_outside() -> bool:
    """Whether somebody else has to be told of every document."""
    return bool(settings.SEARCH_ENGINE == OPENSEARCH)


def cluster() -> OpenSearch:
    """Where ``OPENSEARCH_URL`` says it is."""
    return OpenSearch(
        url=settings.OPENSEARCH_URL,
        prefix=settings.OPENSEARCH_INDEX_PREFIX,
        timeout=settings.OPENSEARCH_TIMEOUT_SECONDS,
        language=settings.SEARCH_TEXT_CONFIG,
    )
