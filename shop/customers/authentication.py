"""A customer at the API: the bearer token of a login."""

from __future__ import annotations

from typing import Final

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from shop.customers.states import CustomerState
from shop.http.authentication import SERVICE_PREFIX, bearer_token, digest
from shop.http.errors import CHALLENGE
from shop.http.principal import Principal
from shop.messaging.sets import fetch_rows

# Asked by every request of a customer, so it is written out: two probes by primary or unique key.
SESSION: Final = """
    SELECT s.id, s.account_id FROM shop_authenticationsession s JOIN shop_customerprofile p ON p.id = s.account_id
    WHERE s.token_sha256 = %s AND s.revoked_at IS NULL AND s.expires_at > now() AND p.status = %s
"""


class CustomerToken(BaseAuthentication):
    """``Authorization: Bearer …`` from ``POST /oauth/token``: one indexed query answers who it is and that the login, and
    the customer, are still good."""

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        token = bearer_token(request)
        if token is None or token.startswith(SERVICE_PREFIX):
            return None
        found = fetch_rows(SESSION, [digest(token), CustomerState.ACTIVE.value])
        if not found:
            raise AuthenticationFailed
        ((session_id, customer_id),) = found
        return Principal(actor=f"customer:{customer_id}", customer_id=customer_id, session_id=session_id), token

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE
