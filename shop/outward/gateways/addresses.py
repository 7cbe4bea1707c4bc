"""Which addresses a webhook may go to: only those on the public internet, looked up once and then held on to.

A name is resolved here and the connection is made to the very address that was judged, so a name that answers differently a
moment later (DNS rebinding) leads nowhere else. Redirects are never followed.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

Address = IPv4Address | IPv6Address
Lookup = Callable[..., Sequence[Any]]

PORTS: Final = {"http": 80, "https": 443}
# Addresses of the old world inside those of the new: what they stand for is judged.
_NAT64: Final = IPv6Network("64:ff9b::/96")
_HIGHEST_PORT: Final = 65_535


class Forbidden(Exception):
    """A webhook may not go there. Says why, in a sentence for the partner."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook goes: the name it is for and the one address it is sent to."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def checked(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path of ``url``. Raises ``Forbidden`` for what can be refused without asking the network."""
    try:
        parts = urlsplit(url)
        port = PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError:
        raise Forbidden("This is not an address.") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in PORTS or not host or not 0 < port <= _HIGHEST_PORT:
        raise Forbidden("An address looks like https://example.com/hooks.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Forbidden("An address has no user, password or fragment; requests are signed instead.")
    literal = _literal(host)
    if literal is not None and not allowed(literal):
        raise Forbidden(PRIVATE)
    if parts.scheme == "http" and not settings.WEBHOOK_ALLOWED_NETWORKS:
        raise Forbidden("Only https: what is sent must not be read on its way.")
    path = parts.path or "/"
    return parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path


def target_of(url: str, lookup: Lookup = socket.getaddrinfo) -> Target:
    """Where ``url`` leads just now. Raises ``Forbidden`` if any of its addresses is not public, ``OSError`` if it has none."""
    scheme, host, port, path = checked(url)
    found = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in lookup(host, port, type=socket.SOCK_STREAM)]
    if not found:
        raise OSError(f"{host} has no address")
    if not all(allowed(address) for address in found):
        raise Forbidden(PRIVATE)
    if scheme == "http" and not all(_listed(_meant(address)) for address in found):
        raise Forbidden("Only https: what is sent must not be read on its way.")
    return Target(scheme, host, port, path, str(found[0]))


def allowed(address: Address) -> bool:
    """Whether a webhook may be sent to this address: it is public, or in one of ``WEBHOOK_ALLOWED_NETWORKS``."""
    meant = _meant(address)
    public = meant.is_global and not meant.is_multicast and not meant.is_reserved and not meant.is_unspecified
    return public or _listed(meant)


def _listed(address: Address) -> bool:
    return any(address in ip_network(network) for network in settings.WEBHOOK_ALLOWED_NETWORKS)


def _meant(address: Address) -> Address:
    """The address that is really reached: an IPv4 address may be written inside an IPv6 one."""
    if isinstance(address, IPv4Address):
        return address
    inside = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
    if inside is None and address in _NAT64:
        inside = IPv4Address(int(address) & 0xFFFFFFFF)
    return inside or address


def _literal(host: str) -> Address | None:
    """The address that ``host`` is, also in the short and octal ways that resolvers understand (``127.1``, ``0x7f000001``)."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError):
        return None


PRIVATE: Final = "This address is not on the public internet."
