"""Held stock in numbers; only what is still held and may expire is counted."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily

from shop.messaging.sets import fetch_rows

HELD: Final = """
    SELECT count(*), COALESCE(greatest(extract(epoch FROM now() - min(expires_at)), 0), 0) FROM fulfilment_reservation
    WHERE status = 'HELD' AND NOT order_bound
"""


def samples() -> Iterator[GaugeMetricFamily]:
    """Gauges in Prometheus's terms."""
    ((held, overdue),) = fetch_rows(HELD)
    yield GaugeMetricFamily("shop_reservations_held", "Reservations without an order that may expire", value=held)
    yield GaugeMetricFamily("shop_reservations_overdue_seconds", "How long the oldest is past its time", value=overdue)
