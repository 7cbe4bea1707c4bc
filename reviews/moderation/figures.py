"""Reviews that wait for a person, for the dashboard."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from reviews.submissions.states import ReviewState
from shop.console.queues import Waiting
from shop.messaging.sets import fetch_rows

# By the index of what waits, and no further than anybody would read.
WAITING: Final = """
    SELECT count(*), min(waiting_since) FROM (
        SELECT waiting_since FROM reviews_review WHERE waiting_since IS NOT NULL AND state = %s ORDER BY waiting_since LIMIT 10001
    ) AS oldest
"""
QUEUES: Final = (
    ("Reviews to look at", ReviewState.QUEUED, "queued", "rate_review", "Screening is not sure about them."),
    ("Flagged reviews", ReviewState.FLAGGED, "flagged", "flag", "Customers reported them; everybody can see them."),
)


def review_queues() -> list[Waiting]:
    """New ones and flagged ones, each with how many and since when."""
    found = []
    for title, state, which, icon, meaning in QUEUES:
        ((count, oldest),) = fetch_rows(WAITING, [state.value])
        address = f"{reverse('admin:reviews_review_queue')}?of={which}"
        found.append(Waiting(title, count, oldest, address, "reviews.view_review", icon, meaning))
    return found
