"""The last complete run of the invariants, for the dashboard and in Prometheus's terms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.urls import reverse
from prometheus_client.core import GaugeMetricFamily

from shop.console.queues import Waiting
from shop.messaging.sets import fetch_rows

SEE: Final = "messaging.view_message"
LAST: Final = """
    SELECT violations + unchecked, ended_at, extract(epoch FROM now() - ended_at) FROM shop_invariantrun
    WHERE ended_at IS NOT NULL AND position = total ORDER BY id DESC LIMIT 1
"""


def invariant_queues() -> list[Waiting]:
    """What the last run found."""
    rows = fetch_rows(LAST)
    count, at, _ = rows[0] if rows else (0, None, None)
    why = "Something that must always be true is not, or could not be checked."
    return [Waiting("Invariants broken", count, at if count else None, reverse("admin:invariants"), SEE, "gpp_bad", why)]


def samples() -> Iterator[GaugeMetricFamily]:
    """Gauges without a value before the first complete run: nothing is known then, and nothing is not 0."""
    broken = GaugeMetricFamily("shop_invariants_broken", "Violations and failed checks of the last complete run")
    since = GaugeMetricFamily("shop_invariants_age_seconds", "Since the last complete run")
    for count, _, age in fetch_rows(LAST):
        broken.add_metric([], count)
        since.add_metric([], float(age))
    yield from (broken, since)
