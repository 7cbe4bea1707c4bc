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
    SELECT violations, unchecked, ended_at, extract(epoch FROM now() - ended_at) FROM shop_invariantrun
    WHERE ended_at IS NOT NULL AND position = total ORDER BY id DESC LIMIT 1
"""


def invariant_queues() -> list[Waiting]:
    """What the last run found, and what it could not look at."""
    rows = fetch_rows(LAST)
    broken, unchecked, at, _ = rows[0] if rows else (0, 0, None, None)
    address = reverse("admin:invariants")
    why, why_not = "Something that must always be true is not.", "A check failed itself, so it says nothing. Run them again."
    return [
        Waiting("Invariants broken", broken, at if broken else None, address, SEE, "gpp_bad", why),
        Waiting("Invariants not checked", unchecked, at if unchecked else None, address, SEE, "gpp_maybe", why_not),
    ]


def samples() -> Iterator[GaugeMetricFamily]:
    """Gauges without a value before the first complete run: nothing is known then, and nothing is not 0."""
    broken = GaugeMetricFamily("shop_invariants_broken", "Violations in the last complete run")
    unchecked = GaugeMetricFamily("shop_invariants_unchecked", "Checks of it that failed themselves")
    since = GaugeMetricFamily("shop_invariants_age_seconds", "Since the last complete run")
    for found, failed, _, age in fetch_rows(LAST):
        broken.add_metric([], found)
        unchecked.add_metric([], failed)
        since.add_metric([], float(age))
    yield from (broken, unchecked, since)
