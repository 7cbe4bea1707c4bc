"""Shipments that nobody should have to wait for, in numbers; each is bounded by an index."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily

from shop.messaging.sets import fetch_rows

# Prometheus's name, what it counts, and where.
COUNTS: Final = (
    ("shop_shipments_unknown", "Bookings that the carrier has not answered", "status = 'REQUESTED' AND asked_since IS NOT NULL"),
    ("shop_shipments_refused", "Shipments that no carrier took", "refused_at IS NOT NULL"),
    ("shop_shipments_undecided", "Failed shipments that wait for a decision", "status = 'FAILED' AND resolution = ''"),
)


def samples() -> Iterator[GaugeMetricFamily]:
    """Gauges in Prometheus's terms."""
    counts = ", ".join(f"(SELECT count(*) FROM fulfilment_shipment WHERE {condition})" for _, _, condition in COUNTS)
    (found,) = fetch_rows(f"SELECT {counts}")
    for (name, meaning, _), count in zip(COUNTS, found, strict=True):
        yield GaugeMetricFamily(name, meaning, value=count)
