"""Real Postgres and a real Redis-compatible server for machines that have neither.

`urls()` is what the development and test settings ask. `PrivatePostgres` and `PrivateValkey` are servers of a test's
own, to be killed and frozen without touching the shared pair.
"""

import os

from config.embedded.client import Urls, embedded_urls
from config.embedded.errors import EmbeddedError
from config.embedded.private import PrivatePostgres, PrivateValkey

__all__ = ["EmbeddedError", "PrivatePostgres", "PrivateValkey", "Urls", "urls"]

NOWHERE = Urls(
    database="postgres://nobody:nothing@127.0.0.1:1/embedded-servers-are-off",
    redis="redis://127.0.0.1:1/0",
    name="embedded-servers-are-off",
)


def urls() -> Urls:
    """Return where the database and Redis are.

    `DATABASE_URL` and `REDIS_URL` win. With neither, the embedded servers of this checkout are found or started and
    the database SHOP_DB (default `shop`) is made. With SHOP_EMBEDDED=off nothing is started and nothing will connect.
    Raises EmbeddedError when only one of the two is given, or when the servers cannot start.
    """
    database, redis = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    name = os.environ.get("SHOP_DB") or "shop"
    if database and redis:
        return Urls(database=database, redis=redis, name=name)
    if os.environ.get("SHOP_EMBEDDED", "").lower() == "off":
        return NOWHERE
    if database or redis:
        missing = "REDIS_URL" if database else "DATABASE_URL"
        raise EmbeddedError(f"{missing} is not set: give both addresses, or neither to use the embedded servers.")
    return embedded_urls(name)
