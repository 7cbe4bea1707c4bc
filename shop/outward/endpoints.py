"""Partners' endpoints: made, changed, switched on and off. Every change begins with the endpoint's row lock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from shop.contracts.base import Event
from shop.contracts.outward import (
    CreateWebhookEndpoint,
    UpdateWebhookEndpoint,
    WebhookEndpointDisabled,
    WebhookEndpointView,
    WebhookSecretView,
)
from shop.contracts.registry import ALL
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Invalid, Refused
from shop.messaging.sets import fetch_rows
from shop.outward.gateways.addresses import Forbidden, checked
from shop.outward.gateways.signing import secret_of
from shop.outward.models import WebhookEndpoint
from shop.outward.queries import no_such_endpoint, view
from shop.outward.states import EndpointState

BOTH_SECRETS_FOR: Final = timedelta(days=1)
EVENT_NAMES: Final = frozenset(message.message_name() for message in ALL if issubclass(message, Event))


def create(command: CreateWebhookEndpoint) -> WebhookSecretView:
    """A new endpoint, active at once. Raises ``Invalid`` for an address or event that cannot be, ``Refused`` where webhooks
    are off."""
    if not settings.PARTNER_WEBHOOKS:
        raise Refused("webhooks_off", "This shop sends no webhooks: PARTNER_WEBHOOKS is off.")
    endpoint = WebhookEndpoint.objects.create(
        partner=command.partner or "shop",
        url=_address(command.url),
        events=_events(command.events),
        description=command.description,
    )
    return secret_view(endpoint)


def update(command: UpdateWebhookEndpoint) -> WebhookEndpointView:
    """The endpoint as it is now. Raises ``Missing`` and ``Invalid``."""
    endpoint = locked(command.endpoint_id)
    if command.url is not None:
        endpoint.url = _address(command.url)
    if command.events is not None:
        endpoint.events = _events(command.events)
    if command.description is not None:
        endpoint.description = command.description
    return _saved(endpoint)


def enable(endpoint_id: UUID) -> WebhookEndpointView:
    """Active, and nothing is held against it any more."""
    endpoint = locked(endpoint_id)
    endpoint.status, endpoint.disabled_reason, endpoint.failures = EndpointState.ACTIVE, "", 0
    return _saved(endpoint)


def disable(endpoint_id: UUID, reason: str) -> WebhookEndpointView:
    """Disabled for this reason; one that was disabled before keeps its own."""
    endpoint = locked(endpoint_id)
    if endpoint.status == EndpointState.ACTIVE:
        switch_off(endpoint, reason)
        endpoint.save()
    return view(endpoint)


def rotate(endpoint_id: UUID) -> WebhookSecretView:
    """The next secret; the one before it signs too for ``BOTH_SECRETS_FOR``."""
    endpoint = locked(endpoint_id)
    endpoint.generation += 1
    endpoint.previous_until = now() + BOTH_SECRETS_FOR
    endpoint.version += 1
    endpoint.save()
    return secret_view(endpoint)


def switch_off(endpoint: WebhookEndpoint, reason: str, *, cause: Envelope[Any] | None = None) -> None:
    """Disable a locked endpoint and say so. The caller saves it."""
    endpoint.status, endpoint.disabled_reason = EndpointState.DISABLED, reason[:500]
    endpoint.version += 1
    fact = WebhookEndpointDisabled(
        endpoint_id=endpoint.id, partner=endpoint.partner, reason=endpoint.disabled_reason, disabled_at=now()
    )
    publish(fact, cause=cause)


def locked(endpoint_id: UUID) -> WebhookEndpoint:
    """The endpoint's row, locked. Raises ``Missing``."""
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id).first()
    if endpoint is None:
        raise no_such_endpoint()
    return endpoint


def secret_view(endpoint: WebhookEndpoint) -> WebhookSecretView:
    """Its present secret."""
    return WebhookSecretView(
        endpoint_id=endpoint.id,
        secret=secret_of(endpoint.id, endpoint.generation),
        previous_valid_until=endpoint.previous_until,
    )


def now() -> Any:
    """The database's clock, UTC."""
    return fetch_rows("SELECT now()")[0][0]


def _saved(endpoint: WebhookEndpoint) -> WebhookEndpointView:
    endpoint.version += 1
    endpoint.save()
    return view(endpoint)


def _address(url: str) -> str:
    try:
        checked(url)
    except Forbidden as refusal:
        raise Invalid("invalid_url", str(refusal), errors={"url": [str(refusal)]}) from None
    return url


def _events(names: Sequence[str]) -> list[str]:
    unknown = sorted(set(names) - EVENT_NAMES)
    if unknown:
        told = f"There is no event called {', '.join(unknown)}."
        raise Invalid("unknown_event", told, errors={"events": [told]})
    return sorted(set(names))
