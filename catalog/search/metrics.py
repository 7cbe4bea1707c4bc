"""The index in numbers."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily

from catalog.search.generations import live_generation
from catalog.search.lag import oldest_unheard
from shop.messaging.sets import fetch_rows

# The planner's count: counting a million documents at every scrape is not worth it.
DOCUMENTS: Final = "SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = %s::regclass"
PROGRESS: Final = """
    SELECT LEAST(1, filled / greatest(expected, filled, 1)::float8) FROM catalog_searchgeneration WHERE status = 'BUILDING'
"""


def samples() -> Iterator[GaugeMetricFamily]:
    """Gauges in Prometheus's terms."""
    _, seconds = oldest_unheard()
    yield GaugeMetricFamily("shop_search_lag_seconds", "Since the oldest message that the index has not heard", value=seconds)
    live = live_generation()
    documents = fetch_rows(DOCUMENTS, [f"catalog_searchdocument_{live.half}"])[0][0] if live else 0
    yield GaugeMetricFamily("shop_search_documents", "In the index that answers, estimated", value=documents)
    progress = GaugeMetricFamily("shop_search_rebuild_ratio", "How much of the next index is filled; absent while none is built")
    for (ratio,) in fetch_rows(PROGRESS):
        progress.add_metric([], ratio)
    yield progress
