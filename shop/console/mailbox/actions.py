"""What operators did: append-only, to be read by everybody who works here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from unfold.decorators import display

from shop.console.base import OpsModelAdmin, Tab
from shop.console.changes import called, names_in, operation_badge, said_of
from shop.console.exporting import ExportingAdmin, ExportTrail
from shop.console.formats import as_json, code, link, moment, short
from shop.console.history import changes, target_types
from shop.console.sections import Document, Facts, Said, Table
from shop.console.terms import Term
from shop.messaging.models import ObjectChange, OperatorAction

MOST = 50


@admin.register(OperatorAction)
class OperatorActionAdmin(ExportingAdmin, OpsModelAdmin):
    """Who did what to what, why, and what it changed."""

    intro = "Every deed of a person, written in the transaction of the deed itself. Nobody can change or delete a row."
    empty = ("Nobody has intervened", "As soon as an operator does anything, it is written down here.")
    verbs = (ExportTrail(),)
    tabs = (
        Tab("all", "Everything", lambda rows: rows),
        Tab("people", "By people", lambda rows: rows.filter(actor__startswith="staff:")),
    )
    list_display = ("when", "actor", "verb", "target", "why", "changed")
    list_display_links = ("when",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Id of what it was done to, or staff:name"

    @display(description="When")
    def when(self, row: OperatorAction) -> Any:
        return moment(row.at)

    @display(description="Target")
    def target(self, row: OperatorAction) -> str:
        return f"{row.target_type} …{row.target_id[-12:]}"

    @display(description="Why")
    def why(self, row: OperatorAction) -> str:
        return row.reason[:160]

    @display(description="Changed")
    def changed(self, row: OperatorAction) -> str:
        return changes(row)[:160] or "—"

    def search(self, rows: QuerySet[OperatorAction], term: Term) -> QuerySet[OperatorAction]:
        if term.uuid or term.number is not None:
            return rows.filter(target_type__in=target_types(), target_id=str(term.uuid or term.number))
        return rows.filter(actor=term.text if term.text.startswith("staff:") else f"staff:{term.text}")

    def label_of(self, row: OperatorAction) -> str:
        return f"{row.actor} did {row.verb}"

    def history_of(self, row: Any) -> Sequence[str]:
        return ()

    def sections(self, request: HttpRequest, row: OperatorAction) -> Sequence[Any]:
        facts = (
            ("When", moment(row.at, full=True)),
            ("Who", row.actor),
            ("Did", row.verb),
            ("To", f"{row.target_type} {row.target_id}"),
            ("Chain", code(row.correlation_id)),
        )
        return (
            Said(row.reason, "plain", "Because:"),
            Facts("Action", facts),
            Document("Before", as_json(row.before)),
            Document("After", as_json(row.after)),
            _changes_of(row),
        )


def _changes_of(row: OperatorAction) -> Table:
    """What this action changed, row by row, as the database saw it."""
    mine = Q(correlation_id=row.correlation_id) | Q(object_id=row.target_id)  # a batch does many deeds in one transaction
    found: list[ObjectChange] = []
    if row.transaction_id is not None:
        found = list(ObjectChange.objects.filter(transaction_id=row.transaction_id).filter(mine).order_by("id")[:MOST])
    names = names_in(found)
    rows = [
        (
            link(
                reverse("admin:messaging_objectchange_change", args=[one.pk]), f"{called(one.table_name)} {short(one.object_id)}"
            ),
            operation_badge(one),
            said_of(one, names),
        )
        for one in found
    ]
    empty = "No audited row, at least not in the same transaction: what is done by mail is found by its chain under Changes."
    return Table("What it changed", ("What", "Was", "From what to what"), rows, empty=empty)
