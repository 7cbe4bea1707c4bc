"""Erasures in numbers: how many still have copies to redact, and since when the oldest of them was asked for."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily

from shop.messaging.sets import fetch_rows

# Whatever an erasure sets off is keyed by the customer; what is older than a week has been on this gauge for a week.
UNDER_WAY: Final = """
    SELECT count(*), COALESCE(extract(epoch FROM now() - min(e.requested_at)), 0) FROM shop_erasure e
    WHERE e.requested_at > now() - interval '7 days'
      AND EXISTS (SELECT 1 FROM messaging_message m JOIN messaging_delivery d ON d.message_id = m.id
                  WHERE m.key = e.customer_id::text AND m.key <> '' AND d.status IN ('open', 'leased', 'dead'))
"""


def samples() -> Iterator[GaugeMetricFamily]:
    """Gauges in Prometheus's terms."""
    ((count, seconds),) = fetch_rows(UNDER_WAY)
    yield GaugeMetricFamily("shop_erasures_under_way", "Erased customers of whom copies are being redacted", value=count)
    yield GaugeMetricFamily("shop_erasures_under_way_seconds", "Since when the oldest of them was asked for", value=seconds)
