"""What of the index needs a person, for the dashboard."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from catalog.search.lag import oldest_unheard, waiting
from shop.console.queues import Waiting

LATE_AFTER: Final = 60.0  # seconds


def search_queues() -> list[Waiting]:
    """Changes to products that searching does not know of although more than a minute has passed."""
    since, seconds = oldest_unheard()
    late = seconds > LATE_AFTER
    address = reverse("admin:catalog_searchgeneration_changelist")
    meaning = "Changes that searching does not know yet."
    title, permission = "Search is behind", "catalog.view_searchgeneration"
    return [
        Waiting(title, max(waiting(), 1) if late else 0, since if late else None, address, permission, "manage_search", meaning)
    ]
