"""Orders in numbers: what waits, for what, and since when. Each figure is bounded by a partial index."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily

from shop.messaging.sets import fetch_rows

WAITING: Final = """
    SELECT count(*), COALESCE(extract(epoch FROM now() - min(awaiting_since)), 0) FROM ordering_order
    WHERE lifecycle_status = 'AWAITING_FULFILMENT'
"""
OVERDUE: Final = "SELECT count(*) FROM ordering_orderhold WHERE released_at IS NULL AND review_by < now()"
CHANGING: Final = """
    SELECT COALESCE(extract(epoch FROM now() - min(requested_at)), 0) FROM ordering_orderadjustment WHERE status = 'OPEN'
"""


def samples() -> Iterator[GaugeMetricFamily]:
    """Gauges in Prometheus's terms."""
    ((waiting, since),) = fetch_rows(WAITING)
    ((overdue,),) = fetch_rows(OVERDUE)
    ((changing,),) = fetch_rows(CHANGING)
    yield GaugeMetricFamily("shop_orders_awaiting_fulfilment", "Paid orders that wait for the warehouse", value=waiting)
    yield GaugeMetricFamily("shop_orders_awaiting_seconds", "Since when the one that waits longest does", value=since)
    yield GaugeMetricFamily("shop_orders_holds_overdue", "Open holds past their review time", value=overdue)
    yield GaugeMetricFamily("shop_orders_change_open_seconds", "How long the oldest open change is under way", value=changing)
