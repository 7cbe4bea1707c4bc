"""Webhook endpoints over HTTP, for staff and for the services of partners. A service knows of its own endpoints only."""

from __future__ import annotations

from typing import Any

from shop.contracts.outward import (
    CreateWebhookEndpoint,
    DisableWebhookEndpoint,
    EnableWebhookEndpoint,
    GetWebhookEndpoint,
    ListWebhookEndpoints,
    ListWebhookSendings,
    RedeliverWebhook,
    RotateWebhookSecret,
    SendTestWebhook,
    UpdateWebhookEndpoint,
)
from shop.http.permissions import IsStaffOrService
from shop.http.principal import Principal
from shop.http.views import CommandView, QueryView
from shop.messaging.bus import ask
from shop.outward.queries import no_such_endpoint, no_such_sending, partner_of_sending

SERVICE = "service:"


def partner_of(principal: Principal) -> str | None:
    """The partner a service stands for; ``None`` for staff, who may act for everybody."""
    return principal.actor.removeprefix(SERVICE) if principal.actor.startswith(SERVICE) else None


class OfOneEndpoint:
    """Mixed into what concerns one endpoint; another partner's is not there."""

    principal: Any

    def authorise(self, message: Any) -> None:
        own = partner_of(self.principal)
        if own is not None and ask(GetWebhookEndpoint(endpoint_id=message.endpoint_id)).partner != own:
            raise no_such_endpoint()


class CreateWebhookEndpointView(CommandView):
    """Listen to events from now on. The answer holds the secret, so it is not kept for repeats."""

    command = CreateWebhookEndpoint
    permission_classes = (IsStaffOrService,)
    idempotent = False

    def fill(self, data: dict[str, Any]) -> None:
        own = partner_of(self.principal)
        if own is not None:
            data["partner"] = own


class ListWebhookEndpointsView(QueryView):
    """Endpoints, page by page."""

    query = ListWebhookEndpoints
    permission_classes = (IsStaffOrService,)

    def fill(self, data: dict[str, Any]) -> None:
        own = partner_of(self.principal)
        if own is not None:
            data["partner"] = own


class GetWebhookEndpointView(OfOneEndpoint, QueryView):
    """One endpoint."""

    query = GetWebhookEndpoint
    permission_classes = (IsStaffOrService,)


class UpdateWebhookEndpointView(OfOneEndpoint, CommandView):
    """Another address, other events."""

    command = UpdateWebhookEndpoint
    permission_classes = (IsStaffOrService,)


class EnableWebhookEndpointView(OfOneEndpoint, CommandView):
    """Send to it again."""

    command = EnableWebhookEndpoint
    permission_classes = (IsStaffOrService,)


class DisableWebhookEndpointView(OfOneEndpoint, CommandView):
    """Send nothing more."""

    command = DisableWebhookEndpoint
    permission_classes = (IsStaffOrService,)


class RotateWebhookSecretView(OfOneEndpoint, CommandView):
    """A new secret. The answer holds it, so it is not kept for repeats."""

    command = RotateWebhookSecret
    permission_classes = (IsStaffOrService,)
    idempotent = False


class SendTestWebhookView(OfOneEndpoint, CommandView):
    """Send a test now."""

    command = SendTestWebhook
    permission_classes = (IsStaffOrService,)


class ListWebhookSendingsView(OfOneEndpoint, QueryView):
    """What was sent."""

    query = ListWebhookSendings
    permission_classes = (IsStaffOrService,)


class RedeliverWebhookView(CommandView):
    """Send it again."""

    command = RedeliverWebhook
    permission_classes = (IsStaffOrService,)

    def authorise(self, message: RedeliverWebhook) -> None:
        own = partner_of(self.principal)
        if own is not None and partner_of_sending(message.sending_id) != own:
            raise no_such_sending()
