"""Deliveries: what is stuck on its way to whom, grouped by cause, to be retried or discarded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from unfold.decorators import display

from shop.console.base import Cause, OpsModelAdmin, Tab
from shop.console.directory import link_to
from shop.console.formats import as_json, badge, clamped, code, moment
from shop.console.sections import Document, Facts, Said
from shop.console.terms import Term
from shop.console.verbs import Verb
from shop.messaging import operations
from shop.messaging.errors import Refused
from shop.messaging.models import Delivery, Message
from shop.messaging.states import DeliveryStatus

MOST_CAUSES = 12


class Retry(Verb):
    """Deliver it again."""

    name, label, icon, tone = "retry", "Retry", "replay", "good"
    meaning = "Delivered again from the first attempt. Handlers are idempotent: nothing takes effect twice."

    def refusal(self, row: Delivery) -> str:
        if row.status in {DeliveryStatus.DEAD, DeliveryStatus.DISCARDED}:
            return ""
        return f"Only dead or discarded deliveries are retried; this one is {row.get_status_display().lower()}."

    def do(self, model: type[Model], key: Any, seen: str, given: Mapping[str, Any]) -> str:
        if not operations.retry([int(key)], reason=str(given["reason"])):
            raise Refused("changed", "It is no longer dead: somebody was quicker.")
        return "will be delivered again."


class Discard(Verb):
    """Never deliver it."""

    name, label, icon, tone = "discard", "Discard", "delete", "bad"
    meaning = "It is never delivered and its effect never happens. What waits behind it goes on."

    def refusal(self, row: Delivery) -> str:
        dead = row.status == DeliveryStatus.DEAD
        return "" if dead else f"Only dead deliveries are discarded; this one is {row.get_status_display().lower()}."

    def do(self, model: type[Model], key: Any, seen: str, given: Mapping[str, Any]) -> str:
        if not operations.discard([int(key)], reason=str(given["reason"])):
            raise Refused("changed", "It is no longer dead: somebody was quicker.")
        return "will never be delivered."


def dead_or_overdue(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """What needs a look: dead, or open although it is due."""
    return rows.filter(Q(status=DeliveryStatus.DEAD) | Q(status=DeliveryStatus.OPEN, due_at__lt=Now()))


def not_done(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Everything but what was delivered or given up for good: few, each state with an index of its own."""
    return rows.filter(Q(status=DeliveryStatus.OPEN) | Q(status=DeliveryStatus.LEASED) | Q(status=DeliveryStatus.DEAD))


def still_open(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """To be delivered or just being delivered: one index each, which an IN of both would pass by."""
    return rows.filter(Q(status=DeliveryStatus.OPEN) | Q(status=DeliveryStatus.LEASED))


@admin.register(Delivery)
class DeliveryAdmin(OpsModelAdmin):
    """Default: dead and overdue. One row is one message on its way to one subscriber."""

    intro = "One message on its way to one subscriber. Dead ones were given up after their last attempt and wait for you."
    empty = ("No mail is stuck", "Every message has reached its subscribers. Nothing to do here.")
    verbs = (Retry(), Discard())
    tabs = (
        Tab("stuck", "Dead and overdue", dead_or_overdue),
        Tab("dead", "Dead", lambda rows: rows.filter(status=DeliveryStatus.DEAD)),
        Tab("open", "Open", still_open),
        Tab("discarded", "Discarded", lambda rows: rows.filter(status=DeliveryStatus.DISCARDED)),
        Tab("all", "All", lambda rows: rows),
    )
    tones = {"dead": "bad", "open": "busy", "leased": "busy", "done": "good", "discarded": "warn"}
    list_display = ("state", "what", "subscriber", "queue", "attempts", "waiting", "problem")
    list_display_links = ("what",)
    list_select_related = ("message",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Delivery, message, correlation or order id, or a subscriber for what it has not done yet"

    @display(description="State")
    def state(self, row: Delivery) -> Any:
        return self.state_of(row)

    @display(description="Message")
    def what(self, row: Delivery) -> str:
        return row.message.name

    @display(description="Due")
    def waiting(self, row: Delivery) -> Any:
        return moment(row.done_at or row.due_at)

    @display(description="Last error")
    def problem(self, row: Delivery) -> Any:
        return clamped(row.error) if row.error else "—"

    def search(self, rows: QuerySet[Delivery], term: Term) -> QuerySet[Delivery]:
        if term.uuid:
            return rows.filter(message_id__in=_messages_about(term.uuid))
        if term.number is not None:
            return rows.filter(pk=term.number)
        return not_done(rows).filter(subscriber=term.text)

    def of_cause(self, request: HttpRequest, cause: str) -> QuerySet[Delivery]:
        return operations.dead(fingerprint=cause) if cause else Delivery.objects.none()

    def causes(self, request: HttpRequest) -> Sequence[Cause]:
        return [
            Cause(group.fingerprint, group.error or "No error was kept.", group.count, group.oldest, group.subscriber)
            for group in operations.causes()[:MOST_CAUSES]
        ]

    def label_of(self, row: Delivery) -> str:
        return f"{row.message.name} to {row.subscriber}"

    def subtitle_of(self, row: Delivery) -> str:
        return f"delivery {row.pk} of message {row.message_id}"

    def sections(self, request: HttpRequest, row: Delivery) -> Sequence[Any]:
        said = Said(row.error, "bad", "What went wrong:") if row.error else None
        facts = Facts(
            "Delivery",
            (
                ("Message", link_to("message", row.message_id, row.message.name)),
                ("Chain", code(row.message.correlation_id)),
                ("Subscriber", row.subscriber),
                ("Queue", row.queue),
                ("Attempts", row.attempts),
                ("Sent", moment(row.created_at, full=True)),
                ("Due", moment(row.due_at, full=True)),
                ("Done", moment(row.done_at, full=True)),
                ("Leased until", moment(row.leased_until, full=True)),
                ("Ordered by key", code(row.key)),
                ("Cause", badge(row.fingerprint, "bad") if row.fingerprint else "—"),
            ),
        )
        from_message = Document("What is being delivered", payload_of(row))
        return [section for section in (said, facts, from_message) if section is not None]


def payload_of(row: Delivery) -> str:
    """The message's payload as people read it."""
    return as_json(row.message.payload)


def _messages_about(identifier: UUID) -> QuerySet[Any]:
    about = Q(pk=identifier) | Q(correlation_id=identifier) | Q(key=str(identifier))
    return Message.objects.filter(about).order_by("-id").values("pk")[:500]
