"""Checkouts that need a person, for the dashboard."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from shop.console.queues import Waiting
from shop.messaging.sets import fetch_rows

PARKED: Final = "SELECT count(*), min(updated_at) FROM ordering_checkoutsession WHERE state = 'NEEDS_ATTENTION'"
# A payment's authorisation is known to the saga, and yet it does not get to its order.
PAID_WITHOUT_ORDER: Final = """
    SELECT count(*), min(s.updated_at) FROM ordering_checkoutsession s
    WHERE s.state IN ('CREATING_ORDER', 'NEEDS_ATTENTION') AND s.facts ? 'payment_authorization_id'
      AND s.updated_at < now() - interval '2 minutes'
      AND NOT EXISTS (SELECT 1 FROM ordering_order o WHERE o.id = s.order_id)
"""


def checkout_queues() -> list[Waiting]:
    """Parked checkouts, and paid ones without an order."""
    address = f"{reverse('admin:ordering_checkoutsession_changelist')}?tab=attention"
    permission = "ordering.view_checkoutsession"
    ((parked, since),) = fetch_rows(PARKED)
    ((paid, paid_since),) = fetch_rows(PAID_WITHOUT_ORDER)
    return [
        Waiting("Parked checkouts", parked, since, address, permission, "pause_circle", "They wait for your decision."),
        Waiting(
            "Paid, no order",
            paid,
            paid_since,
            address.replace("attention", "paid"),
            permission,
            "money_off",
            "The money is held, the order is not there.",
        ),
    ]
