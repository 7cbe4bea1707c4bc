"""Later, by the database's clock."""

from __future__ import annotations

import datetime as dt

from shop.messaging.sets import fetch_rows


def in_seconds(seconds: float) -> dt.datetime:
    """So many seconds from the database's now, UTC."""
    later: dt.datetime = fetch_rows("SELECT now() + make_interval(secs => %s)", [seconds])[0][0]
    return later
