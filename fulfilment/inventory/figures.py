"""Stock that needs a person, for the dashboard."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from shop.console.queues import Waiting
from shop.messaging.sets import fetch_rows

LOW: Final = """
    SELECT count(*), min(updated_at) FROM fulfilment_stockitem
    WHERE low_stock_notified AND low_stock_threshold > 0 AND available < low_stock_threshold
"""
RECOUNT: Final = "SELECT count(*), min(recount_since) FROM fulfilment_stockitem WHERE recount_since IS NOT NULL"


def stock_queues() -> list[Waiting]:
    """Products of which fewer are available than their threshold, and those that a picker could not find."""
    ((low, _),) = fetch_rows(LOW)
    ((recount, recount_since),) = fetch_rows(RECOUNT)
    stock, see = reverse("admin:fulfilment_stockitem_changelist"), "fulfilment.view_stockitem"
    return [
        Waiting("Low stock", low, None, f"{stock}?tab=low", see, "inventory", "Fewer than the threshold."),
        Waiting("Stock to recount", recount, recount_since, f"{stock}?tab=recount", see, "fact_check", "A picker missed some."),
    ]
