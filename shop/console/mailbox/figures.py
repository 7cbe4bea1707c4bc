"""Mail that needs a person, for the dashboard."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from shop.console.queues import Waiting
from shop.messaging.sets import fetch_rows

DEAD: Final = "SELECT count(*), min(created_at) FROM messaging_delivery WHERE status = 'dead'"
LATE: Final = """
    SELECT count(*), min(due_at) FROM (
        SELECT due_at FROM messaging_delivery WHERE status = 'open' AND due_at < now() - interval '60 seconds' LIMIT 10001
    ) AS late
"""


def mail_queues() -> list[Waiting]:
    """Dead deliveries, and mail that should have been fetched long ago."""
    address = reverse("admin:messaging_delivery_changelist")
    permission = "messaging.view_delivery"
    ((dead, since),) = fetch_rows(DEAD)
    ((late, due),) = fetch_rows(LATE)
    return [
        Waiting(
            "Dead deliveries", dead, since, f"{address}?tab=dead", permission, "mark_email_unread", "Given up after the last try."
        ),
        Waiting(
            "Late mail",
            late,
            due,
            f"{address}?tab=stuck",
            permission,
            "schedule",
            "Due for more than a minute: is a worker running?",
        ),
    ]
