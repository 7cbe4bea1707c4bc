"""Counting what costs a password hash before it is computed. The counts are in Postgres: they hold for every process and
survive a flushed Redis. They are kept by a keyed digest, so no table lists who tried to log in from where."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.crypto import salted_hmac

from shop.customers.emails import email_key
from shop.http.errors import RETRY_AFTER
from shop.messaging.delivery.retrying import retrying
from shop.messaging.errors import Refused
from shop.messaging.sets import fetch_rows, run

HOUSEHOLD: Final = 64  # bits of an IPv6 address that are not the client's own choice

# One statement counts all subjects, in primary-key order, and says how each stands. A window that is over starts anew.
COUNT: Final = """
    INSERT INTO shop_logincounter AS c (subject, attempts, window_ends_at)
    SELECT s, 1, now() + make_interval(secs => %s) FROM unnest(%s::text[]) AS s ORDER BY s
    ON CONFLICT (subject) DO UPDATE SET
        attempts = CASE WHEN c.window_ends_at <= now() THEN 1 ELSE c.attempts + 1 END,
        window_ends_at = CASE WHEN c.window_ends_at <= now() THEN EXCLUDED.window_ends_at ELSE c.window_ends_at END
    RETURNING subject, attempts, extract(epoch FROM window_ends_at - now())
"""
UNCOUNT: Final = """
    UPDATE shop_logincounter SET attempts = attempts - 1 WHERE subject IN (
        SELECT subject FROM shop_logincounter WHERE subject = ANY(%s) AND attempts > 0 ORDER BY subject FOR UPDATE)
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many attempts each subject has per window of so many seconds."""

    window: int
    by_subject: Mapping[str, int]


@contextmanager
def counted_login(email: str, ip_address: str) -> Iterator[None]:
    """One login attempt. Counted before anything is hashed; given back when the block inside succeeds.

    Raises ``Refused`` (429) once this address failed too often from here, or from anywhere, or this network address failed
    too often for anybody. An address nobody has is counted exactly like one somebody has.
    """
    email, place = email_key(email), _place(ip_address)
    limits = Limits(
        settings.LOGIN_WINDOW_SECONDS,
        {
            _subject("login", email, place): settings.LOGIN_FAILURES_PER_EMAIL_AND_ADDRESS,
            _subject("login-from", place): settings.LOGIN_FAILURES_PER_ADDRESS,
            _subject("login-as", email): settings.LOGIN_FAILURES_PER_EMAIL,
        },
    )
    _count(limits)
    yield
    _uncount(limits)


def count_registration(ip_address: str) -> None:
    """One registration from this network address. Raises ``Refused`` (429) when there were too many."""
    limit = settings.REGISTRATIONS_PER_ADDRESS
    _count(Limits(settings.LOGIN_WINDOW_SECONDS, {_subject("register", _place(ip_address)): limit}))


def count_reset_request(email: str, ip_address: str) -> None:
    """One question for a token. An address nobody has is counted like any other. Raises ``Refused`` (429)."""
    email, place = email_key(email), _place(ip_address)
    limits = {
        _subject("reset", email): settings.PASSWORD_RESETS_PER_EMAIL,
        _subject("reset-from", place): settings.PASSWORD_RESETS_PER_ADDRESS,
    }
    _count(Limits(settings.LOGIN_WINDOW_SECONDS, limits))


@contextmanager
def counted_token(ip_address: str) -> Iterator[None]:
    """One try of a token, given back when the block inside succeeds. Raises ``Refused`` (429) after too many wrong ones."""
    limits = Limits(
        settings.LOGIN_WINDOW_SECONDS, {_subject("token-from", _place(ip_address)): settings.LOGIN_FAILURES_PER_ADDRESS}
    )
    _count(limits)
    yield
    _uncount(limits)


def _place(ip_address: str) -> str:
    """Who is one and the same: an IPv4 address, or the IPv6 network that one household has for itself."""
    address = ipaddress.ip_address(ip_address) if ip_address else None
    if not isinstance(address, ipaddress.IPv6Address):
        return ip_address
    return str(address.ipv4_mapped or ipaddress.ip_network((address, HOUSEHOLD), strict=False))


def _subject(*parts: str) -> str:
    return salted_hmac("shop.customers.throttling", "\n".join(parts), algorithm="sha256").hexdigest()


def _count(limits: Limits) -> None:
    rows = retrying(lambda: fetch_rows(COUNT, [limits.window, list(limits.by_subject)]))
    waits = [float(wait) for subject, attempts, wait in rows if attempts > limits.by_subject[subject]]
    if waits:
        _uncount(limits)  # what is refused is no attempt, or hammering one address would lock out its whole office
        raise Refused(
            "too_many_attempts",
            "Too many attempts; wait before the next one.",
            status=429,
            data={RETRY_AFTER: max(1, math.ceil(max(waits)))},
        )


def _uncount(limits: Limits) -> None:
    retrying(lambda: run(UNCOUNT, [list(limits.by_subject)]))
