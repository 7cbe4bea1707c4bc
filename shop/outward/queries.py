"""Partners' endpoints and what was sent to them, as published. Pages go by id, so they cost the same however far back."""

from __future__ import annotations

from uuid import UUID

from shop.contracts.outward import (
    GetWebhookEndpoint,
    ListWebhookEndpoints,
    ListWebhookSendings,
    WebhookEndpointPage,
    WebhookEndpointView,
    WebhookSendingPage,
    WebhookSendingView,
)
from shop.messaging.errors import Missing
from shop.outward.models import WebhookEndpoint, WebhookSending
from shop.outward.states import EndpointState


def get_webhook_endpoint(query: GetWebhookEndpoint) -> WebhookEndpointView:
    """One endpoint. Raises ``Missing``."""
    return view(_endpoint(query.endpoint_id))


def list_webhook_endpoints(query: ListWebhookEndpoints) -> WebhookEndpointPage:
    """A page, the newest first."""
    rows = WebhookEndpoint.objects.order_by("-id")
    if query.partner is not None:
        rows = rows.filter(partner=query.partner)
    if query.before is not None:
        rows = rows.filter(id__lt=query.before)
    found = list(rows[: query.page_size + 1])
    shown = found[: query.page_size]
    return WebhookEndpointPage(items=[view(row) for row in shown], next=shown[-1].id if len(found) > len(shown) else None)


def list_webhook_sendings(query: ListWebhookSendings) -> WebhookSendingPage:
    """A page, the newest first. Raises ``Missing`` for an endpoint that is not there."""
    rows = WebhookSending.objects.filter(endpoint=_endpoint(query.endpoint_id)).order_by("-id").defer("body")
    if query.status is not None:
        rows = rows.filter(status=query.status)
    if query.before is not None:
        rows = rows.filter(id__lt=query.before)
    found = list(rows[: query.page_size + 1])
    shown = found[: query.page_size]
    following = shown[-1].id if len(found) > len(shown) else None
    return WebhookSendingPage(items=[sending_view(row) for row in shown], next=following)


def partner_of_sending(sending_id: UUID) -> str:
    """Whose endpoint this was sent to. Raises ``Missing``."""
    partner = WebhookSending.objects.filter(pk=sending_id).values_list("endpoint__partner", flat=True).first()
    if partner is None:
        raise no_such_sending()
    return partner


def sending_view(sending: WebhookSending) -> WebhookSendingView:
    """What was sent and what came of it, without the body."""
    return WebhookSendingView.model_validate(
        {
            "sending_id": sending.id,
            "endpoint_id": sending.endpoint_id,
            "webhook_id": sending.message_id,
            "event": sending.event,
            "status": str(sending.status),
            "attempts": sending.attempts,
            "last_status_code": sending.last_status,
            "last_error": sending.last_error or None,
            "next_attempt_at": sending.next_at,
            "delivered_at": sending.delivered_at,
            "created_at": sending.created_at,
        }
    )


def no_such_sending() -> Missing:
    """The one answer for what was never sent and for what was sent to another partner."""
    return Missing("webhook_sending_not_found", "Nothing like that was sent.")


def no_such_endpoint() -> Missing:
    """The one answer for an endpoint that is not there and for another partner's."""
    return Missing("webhook_endpoint_not_found", "There is no such webhook endpoint.")


def view(endpoint: WebhookEndpoint) -> WebhookEndpointView:
    """What may be shown of an endpoint: all but its secret."""
    return WebhookEndpointView(
        endpoint_id=endpoint.id,
        partner=endpoint.partner,
        url=endpoint.url,
        description=endpoint.description,
        events=endpoint.events,
        status="ACTIVE" if endpoint.status == EndpointState.ACTIVE else "DISABLED",
        disabled_reason=endpoint.disabled_reason or None,
        failures_in_a_row=endpoint.failures,
        created_at=endpoint.created_at,
    )


def _endpoint(endpoint_id: UUID) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id).first()
    if endpoint is None:
        raise no_such_endpoint()
    return endpoint
