"""Which generations of the index there are: one answers, at most one is being built beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from catalog.search.models import SearchGeneration
from catalog.search.states import GenerationState
from shop.messaging.sets import fetch_rows, run

# Whoever writes documents or moves generations holds this until the transaction ends: mail and a rebuild take turns, so neither
# can put something older over what the other has just written.
TAKE_TURNS: Final = "SELECT pg_advisory_xact_lock(hashtextextended('search-index', 0))"
OPEN: Final = "SELECT id, half, config, status FROM catalog_searchgeneration WHERE status IN ('LIVE', 'BUILDING') ORDER BY id"
FIRST: Final = """
    INSERT INTO catalog_searchgeneration (half, status, config, reason, started_by, live_at)
    SELECT half, 'LIVE', %s, 'The first one', 'system', now() FROM unnest(ARRAY[1, 2]) AS half
    WHERE NOT EXISTS (SELECT 1 FROM catalog_searchgeneration WHERE status = 'LIVE')
      AND half NOT IN (SELECT half FROM catalog_searchgeneration WHERE status <> 'CLEARED')
    LIMIT 1 ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation: the half of the table its documents are in, and how their words were stemmed."""

    id: int
    half: int
    config: str
    live: bool


def take_turns() -> None:
    """Wait until no other transaction writes to the index; nobody else does until this one ends."""
    fetch_rows(TAKE_TURNS)


def open_generations() -> list[Generation]:
    """The one that answers, and the one being built if there is one. Makes the first one there ever is."""
    found = _open()
    if not any(generation.live for generation in found):
        run(FIRST, [settings.SEARCH_TEXT_CONFIG])
        found = _open()
    return found


def live_generation() -> Generation | None:
    """The one that answers; none before anything was ever indexed."""
    return next((generation for generation in _open() if generation.live), None)


def newest_generation() -> SearchGeneration | None:
    """The one being built, else the one that answers."""
    newest = SearchGeneration.objects.filter(status=GenerationState.BUILDING).first()
    return newest or SearchGeneration.objects.filter(status=GenerationState.LIVE).first()


def _open() -> list[Generation]:
    return [Generation(id_, half, config, status == GenerationState.LIVE) for id_, half, config, status in fetch_rows(OPEN)]
