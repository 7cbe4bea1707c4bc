"""What the index tells about itself."""

from __future__ import annotations

from catalog.search.progress import newest, view_of
from shop.contracts.search import GetSearchRebuild, SearchRebuildView


def get_search_rebuild(query: GetSearchRebuild) -> SearchRebuildView:
    """How far the newest generation is. Raises ``Missing`` before anything was ever indexed."""
    return view_of(newest())
