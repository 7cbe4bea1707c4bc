"""Reviews in numbers: what waits for a person, since when, and how long it took the latest to be published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily

from shop.messaging.sets import fetch_rows

WAITING: Final = """
    SELECT state, count(*), extract(epoch FROM now() - min(waiting_since)) FROM reviews_review
    WHERE waiting_since IS NOT NULL GROUP BY state
"""
UNSCREENED: Final = """
    SELECT count(*), COALESCE(extract(epoch FROM now() - min(submitted_at)), 0) FROM reviews_review WHERE state = 'SUBMITTED'
"""
LATEST: Final = 1_000
TIME_TO_PUBLISH: Final = f"""
    SELECT COALESCE(avg(seconds), 0), COALESCE(percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds), 0) FROM (
        SELECT extract(epoch FROM published_at - submitted_at) AS seconds FROM reviews_review
        WHERE state IN ('PUBLISHED', 'FLAGGED') ORDER BY published_at DESC LIMIT {LATEST}
    ) AS latest
"""
BEHIND: Final = "SELECT count(*) FROM reviews_ratingsummary WHERE cached_version <> version"


def samples() -> Iterator[GaugeMetricFamily]:
    """Gauges in Prometheus's terms; ages in seconds by the database's clock."""
    waiting = GaugeMetricFamily("shop_reviews_waiting", "Reviews that wait for a person", labels=["state"])
    oldest = GaugeMetricFamily("shop_reviews_waiting_seconds", "Since the oldest of them waits", labels=["state"])
    found = {state: (count, float(age)) for state, count, age in fetch_rows(WAITING)}
    for state in ("QUEUED", "FLAGGED"):
        count, age = found.get(state, (0, 0.0))
        waiting.add_metric([state], count)
        oldest.add_metric([state], age)
    yield from (waiting, oldest)
    ((unscreened, age),) = fetch_rows(UNSCREENED)
    yield GaugeMetricFamily("shop_reviews_unscreened", "Reviews that were not screened yet", value=unscreened)
    yield GaugeMetricFamily("shop_reviews_unscreened_seconds", "Since the oldest of them was submitted", value=float(age))
    ((mean, slow),) = fetch_rows(TIME_TO_PUBLISH)
    yield GaugeMetricFamily("shop_reviews_publish_mean_seconds", f"From submission to publication, latest {LATEST}", value=mean)
    yield GaugeMetricFamily("shop_reviews_publish_most_seconds", "Within which nineteen of twenty of those were", value=slow)
    ((behind,),) = fetch_rows(BEHIND)
    yield GaugeMetricFamily("shop_ratings_behind", "Ratings of which Redis does not know the latest", value=behind)
