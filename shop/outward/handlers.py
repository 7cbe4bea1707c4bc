"""Telling outsiders: partners' endpoints, what is sent to them, and the stream. Decisions live in modules named after them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shop.contracts.outward import (
    CreateWebhookEndpoint,
    DeliverWebhook,
    DisableWebhookEndpoint,
    EnableWebhookEndpoint,
    PruneOutward,
    RedeliverWebhook,
    RotateWebhookSecret,
    UpdateWebhookEndpoint,
    WebhookEndpointView,
    WebhookSecretView,
    WebhookSendingView,
)
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Refused
from shop.messaging.handlers import in_batches
from shop.outward import collecting, endpoints, pruning, streaming
from shop.outward.models import WebhookSending
from shop.outward.queries import no_such_sending, sending_view
from shop.outward.sending import deliver_webhook
from shop.outward.states import EndpointState, SendingState
from shop.outward.streaming import relay_event_stream
from shop.outward.testing import TEST, send_test_webhook

__all__ = ["deliver_webhook", "relay_event_stream", "send_test_webhook"]


def create_webhook_endpoint(command: CreateWebhookEndpoint) -> WebhookSecretView:
    """A new endpoint and its secret. Raises ``Invalid`` and ``Refused``."""
    return endpoints.create(command)


def update_webhook_endpoint(command: UpdateWebhookEndpoint) -> WebhookEndpointView:
    """Where a partner listens, and to what. Raises ``Missing`` and ``Invalid``."""
    return endpoints.update(command)


def enable_webhook_endpoint(command: EnableWebhookEndpoint) -> WebhookEndpointView:
    """Send to it again. Raises ``Missing``."""
    return endpoints.enable(command.endpoint_id)


def disable_webhook_endpoint(command: DisableWebhookEndpoint) -> WebhookEndpointView:
    """Send nothing more to it. Raises ``Missing``."""
    return endpoints.disable(command.endpoint_id, command.reason or "Switched off.")


def rotate_webhook_secret(command: RotateWebhookSecret) -> WebhookSecretView:
    """A new secret; for a day the old one signs too. Raises ``Missing``."""
    return endpoints.rotate(command.endpoint_id)


def redeliver_webhook(command: RedeliverWebhook) -> WebhookSendingView:
    """Send it again from the first try. Raises ``Missing``, or ``Refused`` while it waits anyway or its endpoint is disabled."""
    rows = WebhookSending.objects.select_for_update(of=("self",), no_key=True).select_related("endpoint")
    sending = rows.filter(pk=command.sending_id).first()
    if sending is None:
        raise no_such_sending()
    if sending.status == SendingState.PENDING:
        raise Refused("webhook_still_waiting", "It waits for its next try anyway.")
    if sending.event == TEST:
        raise Refused("webhook_is_a_test", "A test is not sent again: ask for another one.")
    if sending.endpoint.status != EndpointState.ACTIVE:
        raise Refused("webhook_endpoint_disabled", "The endpoint is disabled: enable it first.")
    sending.status, sending.attempts, sending.next_at, sending.delivered_at = SendingState.PENDING, 0, endpoints.now(), None
    sending.save()
    send(DeliverWebhook(sending_id=sending.id, attempt=1))
    return sending_view(sending)


def prune_outward(command: PruneOutward) -> None:
    """Remove what is older than it is kept."""
    pruning.prune(command)


@in_batches(50)
def collect_webhooks_when_event_happened(batch: Sequence[Envelope[Any]]) -> None:
    """One sending for every active endpoint that asked for the event."""
    collecting.collect(batch)


@in_batches(200)
def note_event_for_stream_when_it_happened(batch: Sequence[Envelope[Any]]) -> None:
    """The event as outsiders may read it, in order per key."""
    streaming.note(batch)
