"""What keeps the index: mail of products and ratings, in order per product, and the commands around a rebuild."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings

from catalog.search import indexing, pushing, rebuilding
from catalog.search.clock import in_seconds
from catalog.search.progress import newest, view_of
from shop.contracts.search import (
    AbandonSearchRebuild,
    ClearSearchGeneration,
    FillSearchIndex,
    RebuildSearch,
    ReindexProducts,
    SearchRebuildView,
)
from shop.messaging.bus import send
from shop.messaging.context import current_actor
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import Outside, in_batches

CATCH_UP_SECONDS: Final = 1  # between two looks whether an engine outside has been told everything


@in_batches(500)
def index_products_when_catalogue_changed(batch: Sequence[Envelope[Any]]) -> None:
    """Bring the index up to what products and ratings have become; as many statements for 500 messages as for five."""
    pushing.tell(indexing.index(batch), batch[-1])


def reindex_products(command: ReindexProducts) -> None:
    """Take products in as the catalogue has them now. Unknown ones are left out."""
    pushing.tell(indexing.reindex(command.product_ids))


def rebuild_search(command: RebuildSearch) -> SearchRebuildView:
    """Begin a new generation. Raises ``Refused`` (409) while one is being built."""
    generation = rebuilding.begin(command.reason, current_actor())
    pushing.open_index()
    send(FillSearchIndex(generation_id=generation.pk))
    return view_of(newest())


def fill_search_index(command: FillSearchIndex) -> None:
    """One chunk; it asks itself again while there are more, and has the replaced generation emptied after the last."""
    filled = rebuilding.fill(command.generation_id)
    if filled.more:
        send(command, due_at=in_seconds(CATCH_UP_SECONDS) if filled.wait else None)
    if filled.replaced is not None:
        send(ClearSearchGeneration(generation_id=filled.replaced), due_at=in_seconds(settings.SEARCH_LEAVE_SECONDS))


def clear_search_generation(command: ClearSearchGeneration) -> None:
    """Empty a generation that no longer answers."""
    rebuilding.clear(command.generation_id)


def abandon_search_rebuild(command: AbandonSearchRebuild) -> SearchRebuildView:
    """Give up a rebuild. Raises ``Missing`` (404), or ``Refused`` (409) when it is not running."""
    view = view_of(rebuilding.abandon(command.generation_id))
    send(ClearSearchGeneration(generation_id=command.generation_id))
    return view


# Telling an engine outside takes as many requests as a batch has messages; each may take all the time there is.
push_search_documents = Outside(
    name=pushing.SUBSCRIBER,
    prepare=pushing.prepare,
    call=pushing.call,
    record=pushing.record,
    batch_size=8,
    threads=4,
)
drop_search_index = Outside(
    name="catalog.search.drop_search_index",
    prepare=pushing.prepare_drop,
    call=pushing.call_drop,
    record=pushing.record,
    batch_size=8,
    threads=4,
)
