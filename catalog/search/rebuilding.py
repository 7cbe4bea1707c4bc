"""A new generation beside the one that answers: filled chunk by chunk while mail keeps both up to date, then switched to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models.functions import Now

from catalog.search import pushing
from catalog.search.documents import document_of, read_documents, write_documents
from catalog.search.engines import is_outside
from catalog.search.generations import Generation, live_generation, open_generations, take_turns
from catalog.search.models import HALVES, SearchGeneration, SearchWord
from catalog.search.states import GenerationState
from shop.contracts.snapshots import GetProductSnapshots, ProductSnapshot
from shop.messaging.bus import ask
from shop.messaging.errors import Missing, Refused
from shop.messaging.sets import fetch_rows, run

CHUNK: Final = 1_000  # products per transaction: mail waits for no longer than that takes
ESTIMATE: Final = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'catalog_product'::regclass"
ENDED: Final = (GenerationState.RETIRED, GenerationState.ABANDONED)


def begin(reason: str, actor: str) -> SearchGeneration:
    """A new generation in the free half. Raises ``Refused`` while another is being built, or its half is still being left."""
    take_turns()
    open_generations()
    running = SearchGeneration.objects.filter(status=GenerationState.BUILDING).first()
    if running is not None:
        raise Refused("rebuild_running", f"Index {running.pk} is being built already: {running.filled:,} products are in it.")
    _leave_what_ended_long_ago()
    taken = SearchGeneration.objects.exclude(status=GenerationState.CLEARED).values_list("half", flat=True)
    free = [half for half in HALVES if half not in set(taken)]
    if not free:
        raise Refused("index_being_left", "The former index is still being left by those who read it. Try again in a minute.")
    return SearchGeneration.objects.create(
        half=free[0],
        config=settings.SEARCH_TEXT_CONFIG,
        reason=reason,
        started_by=actor,
        expected=fetch_rows(ESTIMATE)[0][0],
    )


@dataclass(frozen=True, slots=True)
class Filled:
    """What a chunk came to: whether another is to follow, at once or when the engine outside has caught up, and which
    generation was replaced because this was the last."""

    more: bool = False
    wait: bool = False
    replaced: int | None = None


def fill(generation_id: int) -> Filled:
    """Put the next chunk into a generation that is being built, and switch to it after the last."""
    take_turns()
    building = SearchGeneration.objects.select_for_update().filter(pk=generation_id).first()
    if building is None or building.status != GenerationState.BUILDING:
        return Filled()
    products = ask(GetProductSnapshots(after=building.cursor, limit=CHUNK)).products
    if products:
        _put_in(building, products)
        building.cursor, building.filled = products[-1].product_id, building.filled + len(products)
        building.save(update_fields=["cursor", "filled"])
        pushing.tell([product.product_id for product in products])
    if len(products) == CHUNK:
        return Filled(more=True)
    if is_outside() and (products or pushing.is_behind()):
        return Filled(more=True, wait=True)
    return Filled(replaced=_switch_to(building))


def abandon(generation_id: int) -> SearchGeneration:
    """Give up a generation that is being built. Raises ``Missing``, or ``Refused`` for one that is not."""
    take_turns()
    generation = SearchGeneration.objects.select_for_update().filter(pk=generation_id).first()
    if generation is None:
        raise Missing("generation_not_found", "There is no such index.")
    if generation.status != GenerationState.BUILDING:
        raise Refused("not_building", f"Index {generation.pk} is {generation.get_status_display().lower()}.")
    generation.abandon()
    _end(generation)
    return generation


def clear(generation_id: int) -> None:
    """Empty the half of a generation that no longer answers; at once, whatever its size. Repeating it changes nothing."""
    take_turns()
    generation = SearchGeneration.objects.select_for_update().filter(pk=generation_id, status__in=ENDED).first()
    if generation is None:
        return
    # Whoever still reads there is waited for, and whoever wants to read waits for us: not for long.
    run("SET LOCAL lock_timeout = '2s'")
    run(f"TRUNCATE catalog_searchdocument_{generation.half}")
    SearchWord.objects.filter(half=generation.half).delete()
    generation.clear()
    generation.save(update_fields=["status"])
    pushing.drop(generation.pk)


def _put_in(building: SearchGeneration, products: list[ProductSnapshot]) -> None:
    live = live_generation()
    known = read_documents(live, [product.product_id for product in products]) if live else {}
    target = Generation(building.pk, building.half, building.config, live=False)
    write_documents(target, [document_of(product, known.get(product.product_id)) for product in products])


def _switch_to(building: SearchGeneration) -> int | None:
    former = SearchGeneration.objects.select_for_update().filter(status=GenerationState.LIVE).first()
    if former is not None:
        former.retire()
        _end(former)
    building.take_over()
    building.live_at = Now()
    building.save(update_fields=["status", "live_at"])
    return former.pk if former else None


def _end(generation: SearchGeneration) -> None:
    generation.ended_at = Now()
    generation.save(update_fields=["status", "ended_at"])


def _leave_what_ended_long_ago() -> None:
    for generation in SearchGeneration.objects.filter(
        status__in=ENDED, ended_at__lt=Now() - dt.timedelta(seconds=settings.SEARCH_LEAVE_SECONDS)
    ):
        clear(generation.pk)
