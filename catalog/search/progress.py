"""How far a generation of the index is."""

from __future__ import annotations

from catalog.search.generations import newest_generation
from catalog.search.models import SearchGeneration
from shop.contracts.search import SearchRebuildView
from shop.messaging.errors import Missing


def view_of(generation: SearchGeneration) -> SearchRebuildView:
    """How far it is. ``expected`` is never less than what is there already."""
    return SearchRebuildView(
        generation_id=generation.pk,
        status=str(generation.status),  # type: ignore[arg-type]  # one of the published statuses
        filled=generation.filled,
        expected=max(generation.expected, generation.filled),
        started_at=generation.started_at,
        live_at=generation.live_at,
    )


def newest() -> SearchGeneration:
    """The generation being built, else the one that answers. Raises ``Missing`` before anything was ever indexed."""
    generation = newest_generation()
    if generation is None:
        raise Missing("generation_not_found", "Nothing has been indexed yet.")
    return generation
