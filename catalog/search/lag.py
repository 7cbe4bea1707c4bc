"""How far the index is behind: what it has not been told yet, by the database's clock."""

from __future__ import annotations

import datetime as dt
from typing import Final

from shop.messaging.sets import fetch_rows

SUBSCRIBER: Final = "catalog.search.index_products_when_catalogue_changed"
# The first in line, and the oldest that was given up and holds up what came after it: one probe of an index each.
OLDEST: Final = """
    SELECT min(created_at), COALESCE(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM (
        (SELECT created_at FROM messaging_delivery
         WHERE subscriber = %(who)s AND status = 'open' AND key <> '' ORDER BY id LIMIT 1)
        UNION ALL
        (SELECT created_at FROM messaging_delivery
         WHERE subscriber = %(who)s AND status = 'dead' AND key <> '' ORDER BY id LIMIT 1)
    ) AS oldest
"""
WAITING: Final = """
    SELECT count(*) FROM (
        SELECT 1 FROM messaging_delivery WHERE subscriber = %(who)s AND status = 'open' AND key <> '' LIMIT 10001
    ) AS w
"""


def oldest_unheard() -> tuple[dt.datetime | None, float]:
    """When the oldest message that is not in the index was published, and how many seconds ago; 0 when there is none."""
    ((at, seconds),) = fetch_rows(OLDEST, {"who": SUBSCRIBER})
    return at, max(0.0, seconds)


def waiting() -> int:
    """How many messages wait for the index, counted to 10,001."""
    return int(fetch_rows(WAITING, {"who": SUBSCRIBER})[0][0])
