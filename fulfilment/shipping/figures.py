"""Shipments that need a person, for the dashboard."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.urls import reverse

from shop.console.queues import Waiting
from shop.messaging.sets import fetch_rows

FAILED: Final = "SELECT count(*), min(failed_at) FROM fulfilment_shipment WHERE status = 'FAILED' AND resolution = ''"
REFUSED: Final = "SELECT count(*), min(refused_at) FROM fulfilment_shipment WHERE refused_at IS NOT NULL"
UNKNOWN: Final = """
    SELECT count(*), min(asked_since) FROM fulfilment_shipment
    WHERE ask_again_at IS NOT NULL AND status = 'REQUESTED' AND asked_since < now() - interval '5 minutes'
"""
WEBHOOKS: Final = "SELECT count(*), min(received_at) FROM fulfilment_carrierwebhook WHERE status = 'PARKED'"


def shipping_queues() -> list[Waiting]:
    """Failed and refused shipments, bookings without an answer, webhooks nobody could use."""
    ((failed, failed_since),) = fetch_rows(FAILED)
    ((refused, refused_since),) = fetch_rows(REFUSED)
    ((unknown, unknown_since),) = fetch_rows(UNKNOWN)
    ((parked, parked_since),) = fetch_rows(WEBHOOKS)
    return [
        _waiting("Failed shipments", failed, failed_since, "failed", "report", "Decide what happens next."),
        _waiting("Refused bookings", refused, refused_since, "refused", "wrong_location", "No carrier took them."),
        _waiting("Unknown bookings", unknown, unknown_since, "unknown", "help", "The carrier has not answered."),
        Waiting(
            "Parked carrier webhooks",
            parked,
            parked_since,
            f"{reverse('admin:fulfilment_carrierwebhook_changelist')}?tab=parked",
            "fulfilment.view_carrierwebhook",
            "webhook",
            "About something we do not know.",
        ),
    ]


def _waiting(title: str, count: int, since: datetime | None, tab: str, icon: str, meaning: str) -> Waiting:
    address = f"{reverse('admin:fulfilment_shipment_changelist')}?tab={tab}"
    return Waiting(title, count, since, address, "fulfilment.view_shipment", icon, meaning)
