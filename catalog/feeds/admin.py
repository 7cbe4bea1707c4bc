"""Feeds: what they would change, how far they are, and what came of every line."""

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

from catalog.feeds.exporting import errors_as_csv, products_as_csv
from catalog.feeds.models import ProductImport
from catalog.feeds.preview import preview
from catalog.feeds.queries import progress_of
from catalog.feeds.states import ImportState
from catalog.feeds.verbs import VERBS
from shop.console.base import OpsModelAdmin, Tab
from shop.console.downloads import as_file
from shop.console.formats import duration, moment
from shop.console.sections import Facts, Progress, Said
from shop.console.terms import Term
from shop.messaging.giving_up import given_up

UNDER_WAY = (ImportState.STAGING, ImportState.APPLYING)
ENDED = (ImportState.APPLIED, ImportState.REFUSED, ImportState.CANCELLED)


@admin.register(ProductImport)
class ProductImportAdmin(OpsModelAdmin):
    """Default: everything, the newest first; there are few."""

    intro = "A feed is read and compared first. Look at what it would change, then apply it. You may leave the page meanwhile."
    empty = ("No imports here", "Import a CSV file with the button above.")
    verbs = VERBS
    tones = {
        "STAGING": "busy", "READY": "warn", "APPLYING": "busy", "APPLIED": "good", "REFUSED": "bad", "CANCELLED": "plain",
    }  # fmt: skip
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("open", "To confirm", lambda rows: rows.filter(status=ImportState.READY)),
        Tab("running", "Under way", lambda rows: rows.filter(status__in=UNDER_WAY)),
        Tab("ended", "Ended", lambda rows: rows.filter(status__in=ENDED)),
    )
    list_display = ("file_name", "state_", "progress_", "rows_", "differences", "rejected_", "by", "begun")
    list_display_links = ("file_name",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Import id"

    @display(description="State")
    def state_(self, row: ProductImport) -> Any:
        return self.state_of(row)

    @display(description="Progress")
    def progress_(self, row: ProductImport) -> str:
        return f"{progress_of(row)} %"

    @display(description="Rows")
    def rows_(self, row: ProductImport) -> str:
        return f"{row.rows:,}"

    @display(description="New, changed")
    def differences(self, row: ProductImport) -> str:
        return f"{row.new:,}, {row.changed:,}"

    @display(description="Rejected, skipped")
    def rejected_(self, row: ProductImport) -> str:
        return f"{row.rejected:,}, {row.skipped:,}"

    @display(description="By")
    def by(self, row: ProductImport) -> str:
        return row.actor

    @display(description="Begun")
    def begun(self, row: ProductImport) -> Any:
        return moment(row.created_at)

    def search(self, rows: QuerySet[ProductImport], term: Term) -> QuerySet[ProductImport]:
        return rows.filter(pk=term.uuid) if term.uuid else rows.none()

    def get_urls(self) -> list[URLPattern]:
        def mine(view: Any) -> Any:
            return self.admin_site.admin_view(require_safe(view))

        return [
            path("export/", mine(self._export), name="catalog_productimport_export"),
            path("<uuid:key>/progress/", mine(self._progress), name="catalog_productimport_progress"),
            path("<uuid:key>/errors/", mine(self._errors), name="catalog_productimport_errors"),
            *super().get_urls(),
        ]

    def _export(self, request: HttpRequest) -> HttpResponseBase:
        """The catalogue as a file, for whoever may see products."""
        if not request.user.has_perm("catalog.view_product"):
            raise PermissionDenied
        return as_file("products.csv", products_as_csv())

    def _one(self, request: HttpRequest, key: UUID) -> ProductImport:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = ProductImport.objects.filter(pk=key).first()
        if row is None:
            raise Http404
        return row

    def _progress(self, request: HttpRequest, key: UUID) -> HttpResponseBase:
        row = self._one(request, key)
        return JsonResponse({"percent": progress_of(row), "text": in_words(row), "ended": row.status not in UNDER_WAY})

    def _errors(self, request: HttpRequest, key: UUID) -> HttpResponseBase:
        return as_file("errors.csv", errors_as_csv(self._one(request, key).pk))

    def subtitle_of(self, row: ProductImport) -> str:
        return f"import {row.pk}"

    def sections(self, request: HttpRequest, row: ProductImport) -> Sequence[Any]:
        watch = reverse("admin:catalog_productimport_progress", args=[row.pk]) if row.status in UNDER_WAY else ""
        told = [Said(row.reason, "bad", "Refused.")] if row.reason else []
        if row.status in UNDER_WAY and (error := given_up(row.pk)):
            told.append(Said(f"{error}. Retry it under Deliveries, or cancel the import.", "bad", "It does not go on."))
        errors = reverse("admin:catalog_productimport_errors", args=[row.pk])
        return (
            *told,
            Progress("Progress", progress_of(row), in_words(row), watch),
            Facts("Import", _facts(row)),
            preview(request, row, self.url_of(row.pk), errors),
        )


def in_words(row: ProductImport) -> str:
    """How far it is."""
    match row.status:
        case ImportState.STAGING:
            return f"Reading: {row.rows:,} rows so far, {progress_of(row)} % of the file."
        case ImportState.READY:
            return f"{row.rows:,} rows are compared. Nothing has changed yet: look at them, then apply."
        case ImportState.APPLYING:
            done = row.applied + row.skipped
            return f"Applying: {done:,} of {row.new + row.changed:,} differences, {progress_of(row)} %."
        case ImportState.APPLIED:
            return f"{row.applied:,} differences are applied, {row.skipped:,} were skipped."
        case ImportState.CANCELLED:
            return f"Cancelled. {row.applied:,} differences had been applied."
        case _:
            return "The file is no feed; nothing of it is used."


def _facts(row: ProductImport) -> Sequence[tuple[str, Any]]:
    return (
        ("Rows", f"{row.rows:,}"),
        ("New", f"{row.new:,}"),
        ("Changed", f"{row.changed:,}"),
        ("Unchanged", f"{row.unchanged:,}"),
        ("Rejected", f"{row.rejected:,}"),
        ("Applied", f"{row.applied:,}"),
        ("Skipped", f"{row.skipped:,}"),
        ("Size", f"{row.size:,} bytes"),
        ("By", row.actor),
        ("Begun", moment(row.created_at, full=True)),
        ("Ended", moment(row.finished_at, full=True)),
        ("Took", duration(row.created_at, row.finished_at)),
    )
