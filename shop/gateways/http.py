"""HTTP to providers: pooled connections, a time to connect and a time for everything.

On urllib3 itself: two calls per checkout make the client's own cost count, and this one costs half of the usual ones.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, LocationValueError, NameResolutionError, NewConnectionError

CONNECTIONS = 64
USER_AGENT = "shop-operations"
CHUNK = 64 * 1024

# The request did not get as far as the provider.
NEVER_SENT = (ConnectTimeoutError, NameResolutionError, NewConnectionError, LocationValueError)


class OutOfTime(HTTPError):
    """The answer kept coming, but not soon enough."""


class Line:
    """Kept connections to one provider. Safe to share between threads. Only https goes through the environment's proxy."""

    def __init__(self, base: str, connect_seconds: float, total_seconds: float) -> None:
        self._total_seconds = total_seconds
        self._pool = _pool(base, urllib3.Timeout(connect=connect_seconds, total=total_seconds))

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | str | None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """One request and its whole answer: body, status, headers by lower-case name. Nothing is retried, no redirect
        followed. Raises urllib3's ``HTTPError``, also when the answer drips in for too long."""
        ends_at = time.monotonic() + self._total_seconds
        response = self._pool.request(
            method, url, body=body, headers=dict(headers), retries=False, redirect=False, preload_content=False
        )
        try:
            content = b"".join(_until(ends_at, response.stream(CHUNK)))
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return content, response.status, {name.lower(): value for name, value in response.headers.items()}

    def close(self) -> None:
        """Close the kept connections."""
        self._pool.clear()


def _until(ends_at: float, parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        yield part
        if time.monotonic() > ends_at:
            raise OutOfTime("the answer took too long")


def _pool(base: str, timeout: urllib3.Timeout) -> urllib3.PoolManager:
    address = urlsplit(base)
    proxy = getproxies().get("https") if address.scheme == "https" and not proxy_bypass(address.hostname or "") else None
    if proxy:
        return urllib3.ProxyManager(proxy, maxsize=CONNECTIONS, timeout=timeout)
    return urllib3.PoolManager(maxsize=CONNECTIONS, timeout=timeout)
