"""What became of every row that people change: append-only, written by triggers, whoever changed it and however."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RangeDateFilter
from unfold.decorators import display
from unfold.utils import parse_date_str

from shop.console.base import OpsModelAdmin, Tab
from shop.console.changes import called, differences, in_words, link_to_object, names_in, operation_badge, why
from shop.console.exporting import ExportingAdmin, ExportTrail
from shop.console.formats import code, link, moment, short
from shop.console.sections import Facts, Said, Table
from shop.console.terms import Term
from shop.messaging.audited import audited, tables_of
from shop.messaging.models import BY_PEOPLE, PAST_THE_APPLICATION, ObjectChange, OperatorAction

STAFF_TABLES: Final = ("auth_user", "auth_group")


class OfTable(DropdownFilter):
    """Whose changes: a thing and everything that belongs to it."""

    title = "what changed"
    parameter_name = "of"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        owners = {one.owner for one in audited().values()}
        return sorted(((owner, called(owner)) for owner in owners), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(table_name__in=tables_of(str(self.value()))) if self.value() else queryset


def _staff_and_roles(rows: QuerySet[ObjectChange]) -> QuerySet[ObjectChange]:
    return rows.filter(table_name__in=[table for owner in STAFF_TABLES for table in tables_of(owner)])


class OfDays(RangeDateFilter):
    """From the beginning of one day until the end of another, in UTC."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.title = "day (UTC)"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        since, until = self._day("from"), self._day("to")
        kept = queryset.filter(at__gte=since) if since else queryset
        return kept.filter(at__lt=until + dt.timedelta(days=1)) if until else kept

    def _day(self, end: str) -> dt.datetime | None:
        typed = self.used_parameters.get(f"{self.field_path}_{end}")
        if not typed:
            return None
        day = parse_date_str(str(typed))
        if day is None:
            raise IncorrectLookupParameters
        return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


@admin.register(ObjectChange)
class ObjectChangeAdmin(ExportingAdmin, OpsModelAdmin):
    """Which row became what, by whom and why."""

    intro = (
        "Every change of the tables people change, written by the database itself: by a verb, a form, a script or SQL. "
        "Orders, stock, payments and parcels are here when an operator or somebody past the application changed them."
    )
    empty = ("No change is on record", "As soon as anything is changed, it is written down here. Try another tab or filter.")
    verbs = (ExportTrail(),)
    tabs = (
        Tab("all", "Everything", lambda rows: rows),
        Tab("people", "By people", lambda rows: rows.filter(BY_PEOPLE)),
        Tab("past", "Past the application", lambda rows: rows.filter(PAST_THE_APPLICATION)),
        Tab("roles", "Staff and roles", _staff_and_roles),
    )
    list_display = ("when", "actor", "thing", "kind", "changed", "why_")
    list_display_links = ("when",)
    list_filter = (OfTable, ("operation", ChoicesDropdownFilter), ("at", OfDays))
    list_filter_submit = True
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Id of what changed or of a chain, or staff:name"

    @display(description="When")
    def when(self, row: ObjectChange) -> Any:
        return moment(row.at)

    @display(description="What")
    def thing(self, row: ObjectChange) -> Any:
        return link_to_object(row, f"{called(row.table_name)} {short(row.object_id)}")

    @display(description="Was")
    def kind(self, row: ObjectChange) -> Any:
        return operation_badge(row)

    @display(description="From what to what")
    def changed(self, row: Any) -> Any:
        return row.said

    @display(description="Why")
    def why_(self, row: ObjectChange) -> str:
        return why(row)[:160]

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        for row, said in zip(rows, in_words(rows), strict=True):
            row.said = said

    def search(self, rows: QuerySet[ObjectChange], term: Term) -> QuerySet[ObjectChange]:
        if term.uuid:
            mine = Q(table_name__in=list(audited()), object_id=str(term.uuid))
            return rows.filter(mine | Q(correlation_id=term.uuid))
        if term.number is not None:
            return rows.filter(table_name__in=list(audited()), object_id=str(term.number))
        actors = [term.text] if ":" in term.text else [term.text, f"staff:{term.text}", f"database:{term.text}"]
        return rows.filter(actor__in=actors)

    def label_of(self, row: ObjectChange) -> str:
        return f"{called(row.table_name)} {short(row.object_id)} {row.get_operation_display().lower()}"

    def state_of(self, row: Any) -> Any:
        return operation_badge(row)

    def history_of(self, row: Any) -> Sequence[str]:
        return ()

    def sections(self, request: HttpRequest, row: ObjectChange) -> Sequence[Any]:
        facts = (
            ("When", moment(row.at, full=True)),
            ("Who", row.actor),
            ("Through", row.via or "—"),
            ("What", link_to_object(row, f"{called(row.table_name)} {row.object_id}")),
            ("Table", row.table_name),
            ("Chain", code(row.correlation_id)),
            ("Request", code(row.request_id)),
        )
        told = (
            Said(row.reason, "plain", "Because:") if row.reason else Said("No reason was given where this was changed.", "plain")
        )
        values = differences(row, names_in([row]))
        return (
            told,
            Facts("Change", facts),
            Table("From what to what", ("Column", "Before", "After"), values, empty="Only what is never copied."),
            _with_action(row),
        )


def _with_action(row: ObjectChange) -> Table:
    """The operator's action in the same transaction; else those that began the chain it belongs to."""
    mine = Q(correlation_id=row.correlation_id) | Q(target_id=row.object_id)  # a batch does many deeds in one transaction
    found = list(OperatorAction.objects.filter(transaction_id=row.transaction_id).filter(mine).order_by("-id")[:5])
    if not found and row.correlation_id:
        found = list(OperatorAction.objects.filter(correlation_id=row.correlation_id).order_by("-id")[:5])
    rows = [
        (
            link(reverse("admin:messaging_operatoraction_change", args=[action.pk]), moment(action.at)),
            action.actor,
            action.verb,
            action.reason,
        )
        for action in found
    ]
    return Table("The operator's action", ("When", "Who", "Did", "Why"), rows, empty="No verb of the console stands behind it.")
