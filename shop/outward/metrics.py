"""Webhooks in numbers. What is delivered is not counted: only what waits or failed costs a look."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily

from shop.messaging.sets import fetch_rows

SENDINGS: Final = """
    SELECT count(*), COALESCE(greatest(extract(epoch FROM now() - min(created_at)), 0), 0) FROM outward_webhooksending
    WHERE status = 'PENDING'
"""
DISABLED: Final = "SELECT count(*) FROM outward_webhookendpoint WHERE status = 'DISABLED'"


def samples() -> Iterator[GaugeMetricFamily]:
    """Gauges in Prometheus's terms."""
    ((waiting, oldest),) = fetch_rows(SENDINGS)
    ((disabled,),) = fetch_rows(DISABLED)
    yield GaugeMetricFamily("shop_webhooks_waiting", "Webhooks that wait for their next try", value=waiting)
    yield GaugeMetricFamily("shop_webhooks_oldest_seconds", "How long the oldest of them waits", value=oldest)
    yield GaugeMetricFamily("shop_webhook_endpoints_disabled", "Endpoints nothing is sent to", value=disabled)
