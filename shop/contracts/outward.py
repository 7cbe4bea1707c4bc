"""Telling outsiders: webhook endpoints of partners and what was sent to them, and the stream of events."""

from typing import Annotated, Literal

from pydantic import Field

from shop.contracts.base import Command, Event, Http, Part, Query
from shop.contracts.fields import (
    Count,
    Integer,
    Limit,
    Name,
    Names,
    PageSize,
    Reason,
    RequiredName,
    Text,
    UpToMostItems,
    UtcTime,
    Uuid,
)

OWNER = "integration-platform"

Url = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^https?://[^\s\x00]+$")]
EventNames = Annotated[list[Name], Field(min_length=1, max_length=100)]
EndpointStatus = Literal["ACTIVE", "DISABLED"]
SendingStatus = Literal["PENDING", "DELIVERED", "FAILED"]


class WebhookEndpointView(Part):
    """Where a partner listens, to which events, and whether it still does."""

    endpoint_id: Uuid
    partner: Name
    url: Name
    description: Text
    events: Names
    status: EndpointStatus
    disabled_reason: Text | None = None
    failures_in_a_row: Count
    created_at: UtcTime


class WebhookSecretView(Part):
    """The secret that signatures are made with. Shown this once; it cannot be asked for again."""

    endpoint_id: Uuid
    secret: Text
    previous_valid_until: UtcTime | None = None


class WebhookEndpointPage(Part):
    """Endpoints, the newest first. ``next`` asks for those before them; absent on the last page."""

    items: Annotated[list[WebhookEndpointView], UpToMostItems]
    next: Uuid | None = None


class WebhookSendingView(Part):
    """One event on its way to one endpoint. ``webhookId`` stands in the header ``webhook-id`` of every try."""

    sending_id: Uuid
    endpoint_id: Uuid
    webhook_id: Uuid
    event: Name
    status: SendingStatus
    attempts: Count
    last_status_code: Integer | None = None
    last_error: Text | None = None
    next_attempt_at: UtcTime | None = None
    delivered_at: UtcTime | None = None
    created_at: UtcTime


class WebhookSendingPage(Part):
    """What was sent, the newest first. ``next`` asks for what was before it; absent on the last page."""

    items: Annotated[list[WebhookSendingView], UpToMostItems]
    next: Uuid | None = None


class CreateWebhookEndpoint(Command):
    """Tell a partner of these events from now on. Answered with the secret, once.

    ``partner`` is who it belongs to: a service always its own name, staff say it. ``events`` are names such as
    ``OrderConfirmed``; every version of them counts.
    """

    owner = OWNER
    http = Http("POST", "/webhook-endpoints", (201, 400, 409))
    response = WebhookSecretView

    partner: RequiredName | None = None
    url: Url
    events: EventNames
    description: Annotated[Text, Field(max_length=500)] = ""


class UpdateWebhookEndpoint(Command):
    """Change where a partner listens and to what. What is left out stays."""

    owner = OWNER
    key = "endpoint_id"
    http = Http("PATCH", "/webhook-endpoints/{endpointId}", (200, 400, 404))
    response = WebhookEndpointView

    endpoint_id: Uuid
    url: Url | None = None
    events: EventNames | None = None
    description: Annotated[Text, Field(max_length=500)] | None = None


class EnableWebhookEndpoint(Command):
    """Send to this endpoint again. What happened while it was disabled is not made up for by itself."""

    owner = OWNER
    key = "endpoint_id"
    http = Http("POST", "/webhook-endpoints/{endpointId}/enable", (200, 404))
    response = WebhookEndpointView

    endpoint_id: Uuid


class DisableWebhookEndpoint(Command):
    """Send nothing more to this endpoint."""

    owner = OWNER
    key = "endpoint_id"
    http = Http("POST", "/webhook-endpoints/{endpointId}/disable", (200, 404))
    response = WebhookEndpointView

    endpoint_id: Uuid
    reason: Reason | None = None


class RotateWebhookSecret(Command):
    """Make a new secret. For a day everything is signed with both, so that a partner can change over."""

    owner = OWNER
    key = "endpoint_id"
    http = Http("POST", "/webhook-endpoints/{endpointId}/secret", (200, 404))
    response = WebhookSecretView

    endpoint_id: Uuid


class SendTestWebhook(Command):
    """Send a signed test to this endpoint now, also to a disabled one, and say what came back."""

    owner = OWNER
    key = "endpoint_id"
    http = Http("POST", "/webhook-endpoints/{endpointId}/test", (200, 404))
    response = WebhookSendingView

    endpoint_id: Uuid


class RedeliverWebhook(Command):
    """Send this again from the first try, under the same ``webhook-id``."""

    owner = OWNER
    key = "sending_id"
    http = Http("POST", "/webhook-sendings/{sendingId}/redeliver", (202, 404, 409))
    response = WebhookSendingView

    sending_id: Uuid


class DeliverWebhook(Command):
    """Make the next try to send this. Sent by the shop to itself, when the event happens and after each failed try."""

    owner = OWNER
    key = "sending_id"

    sending_id: Uuid
    attempt: Annotated[Integer, Field(ge=1)]


class RelayEventStream(Command):
    """Append to the streams for outsiders what they do not have yet, also all of it again after Redis was lost."""

    owner = OWNER


class PruneOutward(Command):
    """Delete what was sent and streamed once it is older than the shop keeps it."""

    owner = OWNER

    limit: Limit = 10_000


class WebhookEndpointDisabled(Event):
    """Nothing more is sent to a partner's endpoint: somebody said so, or it failed too often in a row."""

    owner = OWNER
    key = "endpoint_id"

    endpoint_id: Uuid
    partner: Name
    reason: Text
    disabled_at: UtcTime


class ListWebhookEndpoints(Query):
    """Endpoints, the newest first; a service sees its own."""

    owner = OWNER
    http = Http("GET", "/webhook-endpoints", (200, 400))
    response = WebhookEndpointPage

    partner: Name | None = None
    before: Uuid | None = None
    page_size: PageSize = 20


class GetWebhookEndpoint(Query):
    """One endpoint, without its secret."""

    owner = OWNER
    http = Http("GET", "/webhook-endpoints/{endpointId}", (200, 404))
    response = WebhookEndpointView

    endpoint_id: Uuid


class ListWebhookSendings(Query):
    """What was sent to an endpoint, the newest first."""

    owner = OWNER
    http = Http("GET", "/webhook-endpoints/{endpointId}/sendings", (200, 400, 404))
    response = WebhookSendingPage

    endpoint_id: Uuid
    status: SendingStatus | None = None
    before: Uuid | None = None
    page_size: PageSize = 20
