"""Messages: everything that was ever said, the chain each belongs to, and saying one again to one subscriber."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from shop.console.base import OpsModelAdmin, Tab
from shop.console.directory import Kind, register
from shop.console.formats import as_json, badge, code, duration, link, moment
from shop.console.sections import Document, Facts, Table
from shop.console.terms import Term
from shop.console.trees import tree_of
from shop.console.verbs import ReasonForm, Verb
from shop.messaging import operations
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.models import Delivery, Message
from shop.messaging.routing import switchboard
from shop.messaging.states import DeliveryStatus


class ReplayForm(ReasonForm):
    """To whom, and why."""

    subscriber = forms.ChoiceField(widget=UnfoldAdminSelectWidget, help_text="Only subscribers of this message are offered.")
    field_order = ("subscriber", "reason")


class Replay(Verb):
    """Say it again to one subscriber."""

    name, label, icon, bulk = "replay", "Replay to one subscriber", "forward_to_inbox", True
    meaning = "Delivered once more to the subscriber you choose. Its handler is idempotent: this repairs, and repeats no effect."
    form = ReplayForm

    def build_form(self, data: Any, row: Message | None, request: HttpRequest) -> forms.Form:
        form = super().build_form(data, row, request)
        names = _subscribers_of(row) if row is not None else [entry.name for entry in switchboard().all_routes()]
        form.fields["subscriber"].choices = [(name, name) for name in sorted(names)]  # type: ignore[attr-defined]
        return form

    def refusal(self, row: Message) -> str:
        return "" if _subscribers_of(row) else "Nobody listens to this message."

    def do(self, model: type[Model], key: Any, seen: str, given: Mapping[str, Any]) -> str:
        message = Message.objects.filter(pk=key).first()
        if message is None:
            raise Missing("message_not_found", "This message is not there any more.")
        subscriber = str(given["subscriber"])
        if subscriber not in _subscribers_of(message):
            raise Invalid("not_a_subscriber", f"{subscriber} does not listen to {message.name}.")
        if not operations.replay(subscriber, [message.pk], reason=str(given["reason"])):
            raise Refused("still_open", f"Its delivery to {subscriber} is still open: it will be delivered anyway.")
        return f"will be delivered to {subscriber} again."


def _subscribers_of(message: Message) -> list[str]:
    full_name = f"{message.name}@{message.version}"
    return [entry.name for entry in switchboard().all_routes() if full_name in switchboard().messages_for(entry.name)]


@admin.register(Message)
class MessageAdmin(OpsModelAdmin):
    """Newest first; never counted further than a person would page."""

    intro = "Every command and event, written in the transaction that decided it and never changed afterwards."
    empty = ("Nothing was said yet", "Messages appear here as soon as somebody fills a cart.")
    verbs = (Replay(),)
    tabs = (
        Tab("all", "Everything", lambda rows: rows),
        Tab("commands", "Commands", lambda rows: rows.filter(kind="command")),
        Tab("events", "Events", lambda rows: rows.filter(kind="event")),
    )
    list_display = ("name_", "kind_", "about", "actor", "sent", "chain")
    list_display_links = ("name_",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Message, correlation or key id, or a message name"

    @display(description="Message")
    def name_(self, row: Message) -> str:
        return row.name

    @display(description="Kind")
    def kind_(self, row: Message) -> Any:
        return self.state_of(row)

    @display(description="Key")
    def about(self, row: Message) -> Any:
        return code(row.key)

    @display(description="Sent")
    def sent(self, row: Message) -> Any:
        return moment(row.created_at)

    @display(description="Chain")
    def chain(self, row: Message) -> Any:
        return link(f"?q={row.correlation_id}", f"…{str(row.correlation_id)[-12:]}")

    def state_of(self, row: Message) -> Any:
        return badge(row.kind, "busy" if row.kind == "event" else "plain")

    def search(self, rows: QuerySet[Message], term: Term) -> QuerySet[Message]:
        if term.uuid:
            return rows.filter(Q(pk=term.uuid) | Q(correlation_id=term.uuid) | Q(key=str(term.uuid)))
        return rows.filter(Q(name=term.text) | Q(key=term.text[:64]) if term.text else Q())

    def label_of(self, row: Message) -> str:
        return row.name

    def subtitle_of(self, row: Message) -> str:
        return f"message {row.pk}"

    def sections(self, request: HttpRequest, row: Message) -> Sequence[Any]:
        return (
            Facts(
                "Message",
                (
                    ("Version", row.version),
                    ("Sent", moment(row.created_at, full=True)),
                    ("By", row.actor),
                    ("Key", code(row.key)),
                    ("Place within its key", row.sequence if row.sequence is not None else "—"),
                    ("Chain", link(f"{self.list_url()}?q={row.correlation_id}", row.correlation_id)),
                    ("Flow", link(f"{reverse('admin:flows')}?about={row.correlation_id}", "beside its design")),
                    (
                        "Caused by",
                        link(self.url_of(row.causation_id), row.causation_id) if row.causation_id else "nothing before it",
                    ),
                ),
            ),
            _deliveries(row),
            tree_of(row),
            Document("What it says", as_json(row.payload)),
        )


DELIVERY_TONES = {"dead": "bad", "open": "busy", "leased": "busy", "done": "good", "discarded": "warn"}


def _deliveries(message: Message) -> Table:
    rows = [
        (
            link_of(delivery),
            badge(delivery.get_status_display(), DELIVERY_TONES[delivery.status]),
            delivery.attempts,
            moment(delivery.due_at),
            duration(delivery.created_at, delivery.done_at) if delivery.status == DeliveryStatus.DONE else "—",
            delivery.error[:200] or "—",
        )
        for delivery in Delivery.objects.filter(message=message).order_by("id")
    ]
    headings = ("Subscriber", "State", "Failed tries", "Due", "Took", "Error")
    return Table("Deliveries", headings, rows, empty="Nobody listens to this message, on purpose.")


def link_of(delivery: Delivery) -> Any:
    """A link to the delivery's page."""
    site = admin.site._registry[Delivery]
    assert isinstance(site, OpsModelAdmin)
    return link(site.url_of(delivery.pk), delivery.subscriber)


register(Kind("message", "messaging_message", "messaging.view_message"))
