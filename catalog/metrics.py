"""The catalogue in numbers: work that is under way, and whether it moves."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily

from shop.messaging.sets import fetch_rows

UNFINISHED: Final = """
    SELECT status, count(*), extract(epoch FROM now() - min(updated_at)) FROM catalog_productimport
    WHERE status IN ('STAGING', 'READY', 'APPLYING') GROUP BY status
"""
TO_ENRICH: Final = """
    SELECT count(*) FROM (SELECT FROM catalog_product WHERE NOT enriched AND deleted_at IS NULL LIMIT 10000) waiting
"""
WAITS_FOR_A_PERSON: Final = "READY"


def samples() -> Iterator[GaugeMetricFamily]:
    """Gauges in Prometheus's terms."""
    found = fetch_rows(UNFINISHED)
    unfinished = GaugeMetricFamily("shop_imports_unfinished", "Imports that have not ended", labels=["status"])
    for status, count, _ in found:
        unfinished.add_metric([status], count)
    yield unfinished
    stalled = max((float(age) for status, _, age in found if status != WAITS_FOR_A_PERSON), default=0.0)
    yield GaugeMetricFamily("shop_imports_stalled_seconds", "How long the import under way has not moved", value=stalled)
    yield GaugeMetricFamily("shop_products_to_enrich", "Products the rules have not seen", value=fetch_rows(TO_ENRICH)[0][0])
