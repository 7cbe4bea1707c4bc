"""Batches in words: what has begun, how far one is, how fast, and when it will have ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from shop.console.batches.models import Batch
from shop.console.batches.states import BatchState, Selection
from shop.console.batches.working import screen_of
from shop.console.formats import code, link, span
from shop.console.verbs import Verb


def begun(request: HttpRequest, verb: Verb, batch: Batch) -> tuple[Any, str]:
    """What whoever began it is told, with a link, and where he is led; empty when he may not see batches."""
    sentence = f"{verb.label} is under way for {batch.total:,} rows. You may leave:"
    if not request.user.has_perm("shop.view_batch"):
        return f"{sentence} it goes on by itself.", ""
    address = reverse("admin:shop_batch_change", args=[batch.pk])
    return format_html('{} it is found again under <a class="oc-link" href="{}">Batches</a>.', sentence, address), address


def title_of(batch: Batch) -> str:
    """What it is called: the verb and how many of what."""
    found = screen_of(batch)
    if found is None:
        return f"{batch.verb}: {batch.total:,} of {batch.model}"
    screen, verb = found
    opts = screen.opts
    return f"{verb.label}: {batch.total:,} {opts.verbose_name if batch.total == 1 else opts.verbose_name_plural}"


def what_was_chosen(batch: Batch) -> Any:
    """How its rows were chosen, with the way back to the list where there is one."""
    found = screen_of(batch)
    words = Selection(batch.selection).label
    if found is None or batch.selection == Selection.ROWS:
        return words
    if batch.selection == Selection.CAUSE:
        return format_html("{} {}", words, link(f"{found[0].list_url()}?cause={batch.query}", batch.query))
    return format_html("{} {}", words, link(f"{found[0].list_url()}?{batch.query}", code(batch.query)))


def in_words(batch: Batch) -> str:
    """How far it is."""
    counts = f"{batch.done:,} done, {batch.refused:,} refused, {batch.failed:,} failed"
    so_far = f"{batch.handled:,} of {batch.total:,} rows: {counts}"
    match batch.status:
        case BatchState.WAITING:
            return f"Waits for a worker. {so_far}."
        case BatchState.RUNNING:
            return f"{so_far}. {_pace(batch)}"
        case BatchState.STOPPED:
            return f"Stopped after {so_far}. {batch.waiting:,} are untouched."
        case _:
            return f"Ended: {counts}."


def rate_of(batch: Batch) -> float | None:
    """Rows a minute since it began to run, the last time it did; ``None`` before anything can be said."""
    if batch.run_at is None:
        return None
    seconds = (batch.moved_at - batch.run_at).total_seconds()
    handled = batch.handled - batch.run_from
    return 60 * handled / seconds if seconds >= 1 and handled else None


def _pace(batch: Batch) -> str:
    rate = rate_of(batch)
    if rate is None:
        return ""
    if batch.per_minute:
        rate = min(rate, batch.per_minute)
    left = 60 * batch.waiting / rate - (datetime.now(UTC) - batch.moved_at).total_seconds()
    return f"About {max(1, round(rate)):,} a minute; ends in about {span(max(1, left))}."
