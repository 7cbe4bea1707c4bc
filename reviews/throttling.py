"""How much one customer may say in an hour. Counted in the tables themselves, by index and no further than the limit."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from shop.http.errors import RETRY_AFTER
from shop.messaging.errors import Refused
from shop.messaging.sets import fetch_rows

HOUR: Final = 3_600
# When the oldest of the latest `limit` is no longer within the hour there is room for another one.
WAIT: Final = """
    SELECT ceil(extract(epoch FROM {at} + interval '1 hour' - now())) FROM {table}
    WHERE {who} = %s AND {at} > now() - interval '1 hour' ORDER BY {at} DESC OFFSET %s LIMIT 1
"""


def require_room(table: str, who: str, at: str, customer_id: UUID, limit: int) -> None:
    """Raises ``Refused`` (429) when this customer has as many rows of the last hour as are allowed."""
    found = fetch_rows(WAIT.format(table=table, who=who, at=at), [customer_id, max(limit - 1, 0)])
    if found:
        wait = min(max(int(found[0][0]), 1), HOUR)
        raise Refused("too_many_requests", "That is a lot for one hour; go on later.", status=429, data={RETRY_AFTER: wait})
