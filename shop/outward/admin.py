"""Partners: where they listen, and what became of everything that was sent to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from shop.console.base import OpsModelAdmin, Tab
from shop.console.directory import Kind, link_to, register
from shop.console.formats import badge, clamped, code, moment
from shop.console.sections import Document, Facts, Said, Table
from shop.console.terms import Term
from shop.outward.models import WebhookEndpoint, WebhookSending
from shop.outward.states import EndpointState, SendingState
from shop.outward.verbs import ENDPOINT_VERBS, SENDING_VERBS

MOST_SENDINGS = 30
SENDING_TONES = {"PENDING": "busy", "DELIVERED": "good", "FAILED": "bad"}


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(OpsModelAdmin):
    """Default: all, the newest first."""

    intro = "Where partners are told of events, signed, without personal data. Too many failures in a row disable an endpoint."
    empty = ("No partner listens", "Make an endpoint with the button above, or let a partner make one over the API.")
    verbs = ENDPOINT_VERBS
    tones = {"ACTIVE": "good", "DISABLED": "bad"}
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("active", "Active", lambda rows: rows.filter(status=EndpointState.ACTIVE)),
        Tab("disabled", "Disabled", lambda rows: rows.filter(status=EndpointState.DISABLED)),
    )
    list_display = ("url_", "state_", "partner", "told", "failing", "since")
    list_display_links = ("url_",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Partner or id"

    @display(description="Address")
    def url_(self, row: WebhookEndpoint) -> str:
        return row.url

    @display(description="State")
    def state_(self, row: WebhookEndpoint) -> Any:
        return self.state_of(row)

    @display(description="Events")
    def told(self, row: WebhookEndpoint) -> Any:
        return clamped(", ".join(row.events))

    @display(description="Failures in a row")
    def failing(self, row: WebhookEndpoint) -> Any:
        return badge(str(row.failures), "warn") if row.failures else "—"

    @display(description="Since")
    def since(self, row: WebhookEndpoint) -> Any:
        return moment(row.created_at)

    def search(self, rows: QuerySet[WebhookEndpoint], term: Term) -> QuerySet[WebhookEndpoint]:
        return rows.filter(pk=term.uuid) if term.uuid else rows.filter(partner=term.text[:200])

    def label_of(self, row: WebhookEndpoint) -> str:
        return row.url

    def sections(self, request: HttpRequest, row: WebhookEndpoint) -> Sequence[Any]:
        said = Said(row.disabled_reason, "bad", "Disabled:") if row.disabled_reason else None
        facts = Facts(
            "Endpoint",
            (
                ("Partner", row.partner),
                ("Events", ", ".join(row.events)),
                ("What for", row.description or "—"),
                ("Failures in a row", row.failures),
                ("Secret", f"number {row.generation}"),
                ("The one before signs too until", moment(row.previous_until, full=True)),
                ("Since", moment(row.created_at, full=True)),
            ),
        )
        return [section for section in (said, facts, _sendings_of(row)) if section is not None]


def _sendings_of(row: WebhookEndpoint) -> Table:
    found = row.sendings.order_by("-id").defer("body")[:MOST_SENDINGS]
    rows = [
        (
            link_to("webhook-sending", sending.pk, sending.event),
            badge(sending.get_status_display(), SENDING_TONES[str(sending.status)]),
            sending.attempts,
            sending.last_status or "—",
            clamped(sending.last_error) if sending.last_error else "—",
            moment(sending.created_at),
        )
        for sending in found
    ]
    headings = ("Event", "State", "Tries", "Answered", "Last error", "Happened")
    return Table("Latest sendings", headings, rows, empty="Nothing was sent yet. Try a test.")


@admin.register(WebhookSending)
class WebhookSendingAdmin(OpsModelAdmin):
    """Default: what waits or failed, the newest first."""

    intro = "One event on its way to one endpoint. A failed one was tried eight times in about a day."
    empty = ("Nothing here", "Whatever was sent has been taken.")
    verbs = SENDING_VERBS
    tones = SENDING_TONES
    tabs = (
        Tab("open", "Waiting and failed", lambda rows: rows.exclude(status=SendingState.DELIVERED)),
        Tab("failed", "Failed", lambda rows: rows.filter(status=SendingState.FAILED)),
        Tab("all", "All", lambda rows: rows),
    )
    list_display = ("event", "state_", "to", "attempts", "answered", "problem", "next", "happened")
    list_display_links = ("event",)
    list_select_related = ("endpoint",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Sending, endpoint or event id"

    @display(description="State")
    def state_(self, row: WebhookSending) -> Any:
        return self.state_of(row)

    @display(description="Endpoint")
    def to(self, row: WebhookSending) -> Any:
        return link_to("webhook-endpoint", row.endpoint_id, row.endpoint.url)

    @display(description="Answered")
    def answered(self, row: WebhookSending) -> Any:
        return row.last_status or "—"

    @display(description="Last error")
    def problem(self, row: WebhookSending) -> Any:
        return clamped(row.last_error) if row.last_error else "—"

    @display(description="Next try")
    def next(self, row: WebhookSending) -> Any:
        return moment(row.next_at)

    @display(description="Happened")
    def happened(self, row: WebhookSending) -> Any:
        return moment(row.created_at)

    def search(self, rows: QuerySet[WebhookSending], term: Term) -> QuerySet[WebhookSending]:
        if term.uuid is None:
            return rows.none()
        return rows.filter(pk=term.uuid) | rows.filter(message_id=term.uuid) | rows.filter(endpoint_id=term.uuid)

    def label_of(self, row: WebhookSending) -> str:
        return row.event

    def subtitle_of(self, row: WebhookSending) -> str:
        return f"to {row.endpoint.url}"

    def sections(self, request: HttpRequest, row: WebhookSending) -> Sequence[Any]:
        tries = [
            (one.attempt, moment(one.at, full=True), one.status_code or "—", f"{one.milliseconds} ms", one.error or "—")
            for one in row.tries.order_by("id")
        ]
        return (
            Facts(
                "Sending",
                (
                    ("Endpoint", link_to("webhook-endpoint", row.endpoint_id, row.endpoint.url)),
                    ("Event", link_to("message", row.message_id, row.event)),
                    ("webhook-id", code(row.message_id)),
                    ("Tries", row.attempts),
                    ("Next try", moment(row.next_at, full=True)),
                    ("Delivered", moment(row.delivered_at, full=True)),
                ),
            ),
            Table("Tries", ("Try", "At", "Answered", "Took", "Error"), tries, empty="Not tried yet."),
            Document("What is sent", row.body),
        )


register(Kind("webhook-endpoint", "outward_webhookendpoint", "outward.view_webhookendpoint"))
register(Kind("webhook-sending", "outward_webhooksending", "outward.view_webhooksending"))
