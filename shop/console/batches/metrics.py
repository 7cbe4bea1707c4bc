"""Batches under way in numbers, by the partial index of what has not ended."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily

from shop.console.batches.models import OPEN
from shop.messaging.sets import fetch_rows

UNDER_WAY: Final = """
    SELECT count(*), COALESCE(extract(epoch FROM now() - min(moved_at)), 0) FROM shop_batch WHERE status = ANY(%s)
"""


def samples() -> Iterator[GaugeMetricFamily]:
    """Gauges in Prometheus's terms."""
    ((count, still),) = fetch_rows(UNDER_WAY, [[state.value for state in OPEN]])
    yield GaugeMetricFamily("shop_batches_open", "Batches of operators that have not ended", value=count)
    yield GaugeMetricFamily("shop_batches_still_seconds", "Since the one that stands still longest has moved", value=float(still))
