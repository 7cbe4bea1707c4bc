"""Batches: what operators do to many rows, how far it is, and what came of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe
from unfold.decorators import display

from shop.console.base import OpsModelAdmin, Tab
from shop.console.batches.models import OPEN, Batch
from shop.console.batches.results import results
from shop.console.batches.seeing import seen_by
from shop.console.batches.states import BatchState
from shop.console.batches.telling import in_words, title_of, what_was_chosen
from shop.console.batches.verbs import VERBS
from shop.console.batches.working import screen_of
from shop.console.formats import code, moment
from shop.console.sections import Facts, Progress, Said
from shop.console.terms import Term
from shop.messaging.giving_up import given_up


@admin.register(Batch)
class BatchAdmin(OpsModelAdmin):
    """Default: waiting and running. Everybody sees his own and those that do what he may do himself."""

    intro = "What is done to more rows than fit on a page goes on here by itself, row by row. You may leave it and come back."
    empty = ("No batch here", "A batch begins when you confirm something for more than 50 rows, in any list.")
    verbs = VERBS
    tones = {"WAITING": "busy", "RUNNING": "busy", "DONE": "good", "STOPPED": "warn"}
    tabs = (
        Tab("open", "Under way", lambda rows: rows.filter(status__in=OPEN)),
        Tab("stopped", "Stopped", lambda rows: rows.filter(status=BatchState.STOPPED)),
        Tab("done", "Done", lambda rows: rows.filter(status=BatchState.DONE)),
        Tab("all", "All", lambda rows: rows),
    )
    list_display = ("name_", "state_", "progress_", "done_", "refused_", "by", "begun_", "reason_")
    list_display_links = ("name_",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Batch id, or who began it"

    @display(description="What")
    def name_(self, row: Batch) -> str:
        return title_of(row)

    @display(description="State")
    def state_(self, row: Batch) -> Any:
        return self.state_of(row)

    @display(description="Progress")
    def progress_(self, row: Batch) -> str:
        return f"{row.percent} %"

    @display(description="Done")
    def done_(self, row: Batch) -> str:
        return f"{row.done:,} of {row.total:,}"

    @display(description="Refused, failed")
    def refused_(self, row: Batch) -> str:
        return f"{row.refused:,}, {row.failed:,}"

    @display(description="By")
    def by(self, row: Batch) -> str:
        return row.actor

    @display(description="Begun")
    def begun_(self, row: Batch) -> Any:
        return moment(row.created_at)

    @display(description="Why")
    def reason_(self, row: Batch) -> str:
        return row.reason

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        return seen_by(request.user, super().get_queryset(request))

    def search(self, rows: QuerySet[Batch], term: Term) -> QuerySet[Batch]:
        name = term.text.removeprefix("staff:")
        return rows.filter(pk=term.uuid) if term.uuid else rows.filter(actor=f"staff:{name}")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self._progress))
        return [path("<uuid:key>/progress/", view, name="shop_batch_progress"), *super().get_urls()]

    def _progress(self, request: HttpRequest, key: UUID) -> HttpResponseBase:
        """What the page asks for every two seconds."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_queryset(request).filter(pk=key).first()
        if row is None:
            raise Http404
        return JsonResponse({"percent": row.percent, "text": in_words(row), "ended": row.status not in OPEN})

    def label_of(self, row: Batch) -> str:
        return title_of(row)

    def subtitle_of(self, row: Batch) -> str:
        return f"batch {row.pk}"

    def sections(self, request: HttpRequest, row: Batch) -> Sequence[Any]:
        watch = reverse("admin:shop_batch_progress", args=[row.pk]) if row.status in OPEN else ""
        found = screen_of(row)
        told = [Said(row.note, "warn", "Stopped.")] if row.note else []
        if row.status in OPEN and (error := given_up(row.pk)):
            told.append(Said(f"{error}. Retry it under Deliveries, or stop it and let it go on.", "bad", "It does not move."))
        return (
            *told,
            Progress("Progress", row.percent, in_words(row), watch),
            Facts("Batch", _facts(row)),
            results(request, row, found[0] if found else None, self.url_of(row.pk)),
        )


def _facts(row: Batch) -> Sequence[tuple[str, Any]]:
    return (
        ("Reason", row.reason),
        ("Rows", what_was_chosen(row)),
        ("In the name of", row.actor),
        ("Pace", f"at most {row.per_minute:,} rows a minute" if row.per_minute else "as fast as the workers are"),
        ("Begun", moment(row.created_at, full=True)),
        ("Last moved", moment(row.moved_at, full=True)),
        ("Ended", moment(row.ended_at, full=True)),
        ("Chain", code(row.correlation_id)),
        ("Request", code(row.request_id)),
    )
