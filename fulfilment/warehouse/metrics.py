"""The picking queue in numbers."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily

from shop.messaging.sets import fetch_rows

QUEUE: Final = """
    SELECT count(*), count(*) FILTER (WHERE short_since IS NOT NULL),
           COALESCE(extract(epoch FROM now() - min(created_at)), 0)
    FROM fulfilment_pickingjob WHERE status IN ('CREATED', 'PICKING')
"""


def samples() -> Iterator[GaugeMetricFamily]:
    """Gauges in Prometheus's terms."""
    ((waiting, short, oldest),) = fetch_rows(QUEUE)
    yield GaugeMetricFamily("shop_picking_jobs", "Picking jobs that are not packed", value=waiting)
    yield GaugeMetricFamily("shop_picking_short", "Picking jobs that wait for a decision about what is missing", value=short)
    yield GaugeMetricFamily("shop_picking_oldest_seconds", "How long the oldest of them waits", value=oldest)
