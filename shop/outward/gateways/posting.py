"""One try: resolve, judge, connect to the address that was judged, post, read a little of the answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import urllib3
from django.conf import settings
from urllib3.exceptions import HTTPError

from shop.outward.gateways.addresses import Forbidden, Lookup, Target, target_of

USER_AGENT: Final = "shop-operations-webhooks/1"
MOST_READ: Final = 2_000  # bytes of an answer; nobody needs more to know what went wrong
LONGEST_ERROR: Final = 300
SUCCESS: Final = range(200, 300)
REDIRECT: Final = range(300, 400)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try. ``status_code`` is absent when there was no answer."""

    ok: bool
    milliseconds: int
    status_code: int | None = None
    error: str = ""


def post(url: str, body: bytes, headers: Mapping[str, str], *, lookup: Lookup = socket.getaddrinfo) -> Outcome:
    """Send it once. Never raises for what the other side does or is."""
    started = time.monotonic()
    status_code, error = None, ""
    try:
        status_code, said = _exchange(target_of(url, lookup), body, headers)
        error = "" if status_code in SUCCESS else _told(status_code, said)
    except Forbidden as refusal:
        error = str(refusal)
    except (HTTPError, OSError, ValueError) as failure:
        error = f"{type(failure).__name__}: {failure}"[:LONGEST_ERROR]
    took = round((time.monotonic() - started) * 1000)
    return Outcome(not error, took, status_code, error.replace("\x00", ""))


def _exchange(target: Target, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    connect, total = settings.OUTSIDE_CONNECT_TIMEOUT_SECONDS, settings.OUTSIDE_TOTAL_TIMEOUT_SECONDS
    ends_at = time.monotonic() + total
    with _pool(target) as pool:
        response = pool.urlopen(
            "POST",
            target.path,
            body=body,
            headers={"Host": _host(target), "Content-Type": "application/json", "User-Agent": USER_AGENT, **headers},
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            timeout=urllib3.Timeout(connect=connect, total=total),
        )
        try:
            said = b""
            while len(said) < MOST_READ and time.monotonic() < ends_at:
                part = response.read(256)
                if not part:
                    break
                said += part
            return response.status, said[:MOST_READ].decode(errors="replace")
        finally:
            response.close()


def _pool(target: Target) -> urllib3.HTTPConnectionPool:
    if target.scheme == "http":
        return urllib3.HTTPConnectionPool(target.address, target.port, maxsize=1)
    # The certificate has to be the name's, although the connection goes to an address.
    return urllib3.HTTPSConnectionPool(
        target.address, target.port, maxsize=1, server_hostname=target.host, assert_hostname=target.host
    )


def _host(target: Target) -> str:
    name = f"[{target.host}]" if ":" in target.host else target.host
    standard = (target.scheme, target.port) in {("http", 80), ("https", 443)}
    return name if standard else f"{name}:{target.port}"


def _told(status_code: int, said: str) -> str:
    if status_code in REDIRECT:
        return f"Answered {status_code}: redirects are not followed."
    answer = " ".join(said.split())
    return f"Answered {status_code}: {answer}"[:LONGEST_ERROR] if answer else f"Answered {status_code}."
