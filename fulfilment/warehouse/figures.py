"""Picking that needs a person, for the dashboard."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.urls import reverse

from shop.console.queues import Waiting
from shop.messaging.sets import fetch_rows

SHORT: Final = "SELECT count(*), min(short_since) FROM fulfilment_pickingjob WHERE short_since IS NOT NULL"
OVERDUE: Final = """
    SELECT count(*), min(created_at) FROM fulfilment_pickingjob
    WHERE status IN ('CREATED', 'PICKING')
      AND (dispatch_by < now() OR created_at < now() - make_interval(hours => %s))
"""


def picking_queues() -> list[Waiting]:
    """Jobs that wait for a decision, and jobs that nobody has packed in time."""
    ((short, short_since),) = fetch_rows(SHORT)
    ((overdue, overdue_since),) = fetch_rows(OVERDUE, [settings.PICKING_HOURS])
    return [
        _waiting("Short picks", short, short_since, "short", "production_quantity_limits", "Decide what is sent."),
        _waiting("Overdue picking", overdue, overdue_since, "overdue", "pallet", "Not packed in time."),
    ]


def _waiting(title: str, count: int, since: datetime | None, tab: str, icon: str, meaning: str) -> Waiting:
    address = f"{reverse('admin:fulfilment_pickingjob_changelist')}?tab={tab}"
    return Waiting(title, count, since, address, "fulfilment.view_pickingjob", icon, meaning)
