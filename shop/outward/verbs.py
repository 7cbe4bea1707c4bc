"""What an operator can do for partners, through the same commands as the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Model
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from shop.console.verbs import CommandVerb, ReasonForm, Verb, built, locked
from shop.contracts.base import Command
from shop.contracts.outward import (
    CreateWebhookEndpoint,
    DisableWebhookEndpoint,
    EnableWebhookEndpoint,
    RedeliverWebhook,
    RotateWebhookSecret,
    SendTestWebhook,
    UpdateWebhookEndpoint,
    WebhookSecretView,
    WebhookSendingView,
)
from shop.messaging.audit import record_action, valid_reason
from shop.messaging.bus import execute, unit_of_work
from shop.outward.models import WebhookEndpoint, WebhookSending
from shop.outward.states import EndpointState, SendingState


class EndpointForm(ReasonForm):
    """Where a partner listens, and to what."""

    url = forms.CharField(
        label="Address",
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text="Public and https, such as https://example.com/hooks.",
    )
    events = forms.CharField(
        label="Events",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="Names such as OrderConfirmed, one per line.",
    )
    description = forms.CharField(label="What for", max_length=500, required=False, widget=UnfoldAdminTextInputWidget)
    field_order: Sequence[str] = ("url", "events", "description", "reason")


class NewEndpointForm(EndpointForm):
    """Whose it is."""

    partner = forms.CharField(
        label="Partner",
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="The name of its service token, if it has one.",
    )
    field_order = ("partner", "url", "events", "description", "reason")


def names_in(text: str) -> list[str]:
    """The names in a list that somebody typed."""
    return text.replace(",", " ").split()


class EndpointVerb(CommandVerb):
    """A verb on one endpoint."""

    def snapshot(self, row: WebhookEndpoint) -> dict[str, Any]:
        return {"url": row.url, "events": row.events, "status": str(row.status), "generation": row.generation}


class Create(EndpointVerb):
    """A partner wants to be told."""

    name, label, icon, tone, on_list = "create", "New endpoint", "add_link", "good", True
    meaning = "From now on these events are sent there, signed. The secret is shown once, on the next page."
    form = NewEndpointForm

    def command(self, row: None, given: Mapping[str, Any]) -> Command:
        return CreateWebhookEndpoint(
            partner=given["partner"], url=given["url"], events=names_in(given["events"]), description=given["description"]
        )

    def sentence(self, row: None, answer: WebhookSecretView) -> str:
        return f"Its secret, shown only here: {answer.secret}"

    def target_of(self, answer: WebhookSecretView) -> Any:
        return answer.endpoint_id


class Edit(EndpointVerb):
    """It listens somewhere else, or to something else."""

    name, label, icon, bulk = "edit", "Edit", "edit", False
    meaning = "Counts for every try from now on, also of what waits already."
    form = EndpointForm

    def initial(self, row: Any | None) -> dict[str, Any]:
        return {"url": row.url, "events": "\n".join(row.events), "description": row.description} if row is not None else {}

    def command(self, row: WebhookEndpoint, given: Mapping[str, Any]) -> Command:
        return UpdateWebhookEndpoint(
            endpoint_id=row.pk, url=given["url"], events=names_in(given["events"]), description=given["description"]
        )

    def sentence(self, row: WebhookEndpoint, answer: Any) -> str:
        return f"now listens at {answer.url} to {len(answer.events)} events."


class Enable(EndpointVerb):
    """It works again."""

    name, label, icon, tone = "enable", "Enable", "play_arrow", "good"
    meaning = "Sent to again from now on. What failed meanwhile can be redelivered from the list of sendings."

    def refusal(self, row: WebhookEndpoint) -> str:
        return "It is active already." if row.status == EndpointState.ACTIVE else ""

    def command(self, row: WebhookEndpoint, given: Mapping[str, Any]) -> Command:
        return EnableWebhookEndpoint(endpoint_id=row.pk)

    def sentence(self, row: WebhookEndpoint, answer: Any) -> str:
        return "is sent to again."


class Disable(EndpointVerb):
    """Nothing more."""

    name, label, icon, tone = "disable", "Disable", "block", "bad"
    meaning = "Nothing more is sent there. What waits for its next try has failed."

    def refusal(self, row: WebhookEndpoint) -> str:
        return "It is disabled already." if row.status == EndpointState.DISABLED else ""

    def command(self, row: WebhookEndpoint, given: Mapping[str, Any]) -> Command:
        return DisableWebhookEndpoint(endpoint_id=row.pk, reason=str(given["reason"])[:250])

    def sentence(self, row: WebhookEndpoint, answer: Any) -> str:
        return "gets nothing more."


class Rotate(EndpointVerb):
    """Its secret may be known to others."""

    name, label, icon, tone, bulk = "rotate", "New secret", "key", "warn", False
    meaning = "For a day everything is signed with both secrets. The new one is shown once, on the next page."

    def command(self, row: WebhookEndpoint, given: Mapping[str, Any]) -> Command:
        return RotateWebhookSecret(endpoint_id=row.pk)

    def sentence(self, row: WebhookEndpoint, answer: WebhookSecretView) -> str:
        return f"Its new secret, shown only here: {answer.secret}"


class Test(Verb):
    """Does it answer?"""

    name, label, icon, bulk = "test", "Send a test", "send", False
    meaning = "One signed test is sent now, also to a disabled endpoint."

    def do(self, model: type[Model], key: Any, seen: str, given: Mapping[str, Any]) -> str:
        reason = valid_reason(str(given["reason"]))
        with unit_of_work():
            row = locked(model, key, seen)
        answer: WebhookSendingView = execute(built(lambda: SendTestWebhook(endpoint_id=row.pk)))
        with unit_of_work():
            record_action(
                verb="webhookendpoint.test",
                target_type=model._meta.label_lower,
                target_id=key,
                reason=reason,
                after={"status": answer.status, "answered": answer.last_status_code},
            )
        if answer.status == "DELIVERED":
            return f"answered {answer.last_status_code}."
        return f"did not take it. {answer.last_error}"


class Redeliver(CommandVerb):
    """Once more."""

    name, label, icon, tone = "redeliver", "Redeliver", "replay", "good"
    meaning = "Sent again from the first try, under the same id, so that a partner who has it already can tell."

    def refusal(self, row: WebhookSending) -> str:
        return "It waits for its next try anyway." if row.status == SendingState.PENDING else ""

    def command(self, row: WebhookSending, given: Mapping[str, Any]) -> Command:
        return RedeliverWebhook(sending_id=row.pk)

    def sentence(self, row: WebhookSending, answer: Any) -> str:
        return "is sent again."


ENDPOINT_VERBS = (Create(), Edit(), Test(), Enable(), Disable(), Rotate())
SENDING_VERBS = (Redeliver(),)
