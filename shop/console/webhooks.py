"""The list of what a provider has told us: the same for every provider, whoever keeps its inbox."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from unfold.decorators import display

from shop.console.base import OpsModelAdmin, Tab
from shop.console.formats import moment
from shop.console.terms import Term


class InboxAdmin(OpsModelAdmin):
    """Default: all, the newest first; forged ones never get here. Its model has ``type``, ``event_id``, ``status``, ``attempts``,
    ``received_at`` and ``did``."""

    intro = "Every verified webhook as it came, and what it did."
    tones = {"RECEIVED": "busy", "APPLIED": "good", "IGNORED": "plain", "PARKED": "bad"}
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("parked", "Parked", lambda rows: rows.filter(status="PARKED")),
        Tab("waiting", "Waiting", lambda rows: rows.filter(status="RECEIVED")),
    )
    list_display = ("type", "state_", "event_id", "age", "attempts", "did_")
    list_display_links = ("type",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "The provider's event id, or ours"

    @display(description="State")
    def state_(self, row: Any) -> Any:
        return self.state_of(row)

    @display(description="Received")
    def age(self, row: Any) -> Any:
        return moment(row.received_at)

    @display(description="What it did")
    def did_(self, row: Any) -> str:
        return row.did[:160] or "—"

    def search(self, rows: QuerySet[Any], term: Term) -> QuerySet[Any]:
        return rows.filter(pk=term.uuid) if term.uuid else rows.filter(event_id=term.text)

    def label_of(self, row: Any) -> str:
        return str(row.type)
