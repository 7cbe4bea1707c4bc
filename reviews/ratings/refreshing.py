"""Telling Redis about ratings that have changed. It leaves the process, hence ``Outside``; a Redis that is away is a result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from reviews.ratings import cache
from reviews.ratings.cache import Entry, Rating
from shop.messaging.handlers import Call, Called
from shop.messaging.sets import fetch_rows, update_rows

COLUMNS: Final = "product_id, version, review_count, rating_sum, cached_version < 0"
THESE: Final = f"SELECT {COLUMNS} FROM reviews_ratingsummary WHERE product_id = ANY(%s::uuid[]) AND cached_version <> version"
BEHIND: Final = f"SELECT {COLUMNS} FROM reviews_ratingsummary WHERE cached_version <> version ORDER BY product_id LIMIT %s"

Entries = list[Entry]


def prepare_updated(batch: Sequence[Any]) -> list[Call[Entries]]:
    """The products of these ``RatingUpdated`` as they are now, in one call."""
    return _one_call(batch, fetch_rows(THESE, [sorted({envelope.message.product_id for envelope in batch})]))


def prepare_behind(batch: Sequence[Any]) -> list[Call[Entries]]:
    """Products of which Redis does not know the latest."""
    return _one_call(batch, fetch_rows(BEHIND, [max(envelope.message.limit for envelope in batch)]))


def call(entries: Entries) -> bool:
    """Tell Redis; whether it took them."""
    return cache.put(entries)


def record(called: Sequence[Called[Entries, bool]]) -> None:
    """Note what Redis knows now, unless it was told of a still later version meanwhile."""
    told = sorted({(one.product_id, one.version) for each in called if each.result for one in each.intent})
    where = "t.version >= v.cached_version AND t.cached_version < v.cached_version"
    update_rows("reviews_ratingsummary", ("product_id", "uuid"), (("cached_version", "bigint"),), told, where=where)


def _one_call(batch: Sequence[Any], rows: Sequence[tuple[Any, ...]]) -> list[Call[Entries]]:
    entries = [Entry(product, version, Rating(count, total), force) for product, version, count, total, force in rows]
    return [Call(batch[0], entries)] if entries else []
