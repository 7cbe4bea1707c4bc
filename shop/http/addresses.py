"""Where a request comes from, as far as that can be trusted."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The client's address. Of ``X-Forwarded-For`` only the entries that our own ``PROXY_COUNT`` proxies appended count;
    without proxies the header is the client's own invention and is not read. Empty if there is no address."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.PROXY_COUNT:
        return _address(peer)
    hops = [hop.strip() for hop in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if hop.strip()]
    if len(hops) < settings.PROXY_COUNT:
        return _address(peer)
    return _address(hops[-settings.PROXY_COUNT]) or _address(peer)


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def comes_from_here(request: HttpRequest) -> bool:
    """Whether the client is this very machine and not somebody behind a proxy on it."""
    address = client_ip(request)
    forwarded = "HTTP_X_FORWARDED_FOR" in request.META and not settings.PROXY_COUNT
    return bool(address) and ipaddress.ip_address(address).is_loopback and not forwarded
