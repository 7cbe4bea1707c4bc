"""Our own people and services at the API: bearer tokens of services, and the back office's session for the docs page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from shop.http.errors import CHALLENGE
from shop.http.models import ServiceToken as ServiceTokenRow
from shop.http.principal import EVERYTHING, Principal
from shop.messaging.sets import run

SERVICE_PREFIX: Final = "svc_"
LONGEST_TOKEN: Final = 200

USED: Final = """
    UPDATE shop_servicetoken SET last_used_at = now()
    WHERE id = %s AND (last_used_at IS NULL OR last_used_at < now() - interval '1 hour')
"""


def bearer_token(request: Request) -> str | None:
    """The token of the ``Authorization`` header; ``None`` if there is no such header or it is of another scheme.

    Raises ``AuthenticationFailed`` for a bearer header that cannot be one.
    """
    scheme, _, token = str(request.headers.get("Authorization", "")).partition(" ")
    if scheme.lower() != "bearer":
        return None
    if not token or len(token) > LONGEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise AuthenticationFailed
    return token


def digest(token: str) -> str:
    """What is stored of a token. A random 256-bit token needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


class ServiceToken(BaseAuthentication):
    """``Authorization: Bearer svc_…``, made by ``manage.py service_token create``."""

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        token = bearer_token(request)
        if token is None or not token.startswith(SERVICE_PREFIX):
            return None
        row = ServiceTokenRow.objects.filter(_live(), sha256=digest(token)).first()
        if row is None:
            raise AuthenticationFailed
        run(USED, [row.pk])
        return Principal(actor=f"service:{row.name}", scopes=frozenset(row.scopes)), token

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


def _live() -> Q:
    return Q(revoked_at__isnull=True, expires_at__gt=Now())


class StaffSession(SessionAuthentication):
    """A member of staff who is logged in to the back office; unsafe requests need the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Principal, None] | None:
        user = getattr(request._request, "user", None)
        if user is None or not (user.is_active and user.is_staff and second_factor(user)):
            return None
        self.enforce_csrf(request)
        groups = () if user.is_superuser else user.groups.values_list("name", flat=True)
        scopes = frozenset({EVERYTHING}) if user.is_superuser else scopes_of(groups)
        return Principal(actor=f"staff:{user.get_username()}", is_staff=True, scopes=scopes), None


def second_factor(user: Any) -> bool:
    """Whether this member of staff has shown a second factor, or none is asked for (``ADMIN_OTP_REQUIRED``)."""
    return not settings.ADMIN_OTP_REQUIRED or bool(user.is_verified())


def scopes_of(groups: Iterable[str]) -> frozenset[str]:
    """What the members of these groups may do over the API (``settings.STAFF_SCOPES``)."""
    return frozenset(scope for group in groups for scope in settings.STAFF_SCOPES.get(group, ()))
