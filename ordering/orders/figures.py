"""Orders that need a person, for the dashboard."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from shop.console.queues import Waiting
from shop.messaging.sets import fetch_rows

OVERDUE: Final = "SELECT count(*), min(review_by) FROM ordering_orderhold WHERE released_at IS NULL AND review_by < now()"
OPEN: Final = "SELECT count(*), min(placed_at) FROM ordering_orderhold WHERE released_at IS NULL AND review_by >= now()"


# Its payment should be captured within seconds.
UNPAID: Final = """
    SELECT count(*), min(confirmed_at) FROM ordering_order
    WHERE lifecycle_status = 'CONFIRMED' AND confirmed_at < now() - interval '10 minutes'
"""


# Stock and money answer within seconds; what takes longer is parked or will be.
CHANGING: Final = """
    SELECT count(*), min(requested_at) FROM ordering_orderadjustment
    WHERE status = 'OPEN' AND requested_at < now() - interval '5 minutes'
"""


def order_queues() -> list[Waiting]:
    """Open holds, those past their review time apart, and orders whose money does not come."""
    address = reverse("admin:ordering_order_changelist")
    permission = "ordering.view_order"
    ((overdue, since),) = fetch_rows(OVERDUE)
    ((waiting, placed),) = fetch_rows(OPEN)
    ((unpaid, confirmed),) = fetch_rows(UNPAID)
    ((changing, asked),) = fetch_rows(CHANGING)
    return [
        Waiting(
            "Changes under way too long",
            changing,
            asked,
            reverse("admin:ordering_amendmentrun_changelist"),
            "ordering.view_amendmentrun",
            "edit",
            "Stock or money does not answer; each says what to do.",
        ),
        Waiting(
            "Confirmed, not paid", unpaid, confirmed, f"{address}?tab=unpaid", permission, "hourglass", "Nothing was captured."
        ),
        Waiting(
            "Holds past review", overdue, since, f"{address}?tab=overdue", permission, "alarm", "Their review time has passed."
        ),
        Waiting("Orders on hold", waiting, placed, f"{address}?tab=held", permission, "pause", "Somebody has to look at them."),
    ]
