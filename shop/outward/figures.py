"""Partners' endpoints that need a person, for the dashboard."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from shop.console.queues import Waiting
from shop.messaging.sets import fetch_rows

FAILING: Final = "SELECT count(*) FROM outward_webhookendpoint WHERE status = 'DISABLED' AND failures > 0"


def endpoint_queues() -> list[Waiting]:
    """Endpoints that were disabled because too much of what was sent to them failed."""
    ((failing,),) = fetch_rows(FAILING)
    address = f"{reverse('admin:outward_webhookendpoint_changelist')}?tab=disabled"
    meaning = "Too many tries in a row failed: their partner hears nothing."
    return [Waiting("Webhooks disabled", failing, None, address, "outward.view_webhookendpoint", "webhook", meaning)]
