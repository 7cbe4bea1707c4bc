"""The Stripe SDK over our own pooled HTTP client, and what its errors mean."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import stripe
from django.conf import settings
from urllib3.exceptions import HTTPError

from payments.gateways.answers import Unclear
from shop.gateways.http import NEVER_SENT, Line

API_VERSION = stripe.api_version
CONFLICT = 409
CERTAINLY_NOT_DONE = frozenset({401, 403, 429})
LONGEST_ERROR = 500


class PooledClient(stripe.HTTPClient):
    """What the SDK sends through: no retries of its own, for a retry must be ours and under our key."""

    name = "urllib3"

    def __init__(self, base: str, connect_seconds: float, total_seconds: float) -> None:
        super().__init__()
        self._line = Line(base, connect_seconds, total_seconds)

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, *, _usage: Any = None
    ) -> Any:
        """One request. Raises ``stripe.APIConnectionError`` with the reason as its cause."""
        try:
            return self._line.exchange(method.upper(), url, headers or {}, post_data)
        except HTTPError as error:
            raise stripe.APIConnectionError(str(error) or type(error).__name__, should_retry=False) from error

    def close(self) -> None:
        """Close the kept connections."""
        self._line.close()


@cache
def _client(api_key: str, base: str, connect_seconds: float, total_seconds: float) -> stripe.StripeClient:
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": base},
        max_network_retries=0,
        http_client=PooledClient(base, connect_seconds, total_seconds),
    )


def client() -> stripe.StripeClient:
    """The client for the settings in force; one per process, safe to share between threads."""
    return _client(
        settings.STRIPE_API_KEY,
        settings.STRIPE_API_BASE,
        settings.OUTSIDE_CONNECT_TIMEOUT_SECONDS,
        settings.OUTSIDE_TOTAL_TIMEOUT_SECONDS,
    )


def asked(method: str, path: str, key: str | None = None, **params: Any) -> Any:
    """The plain JSON that Stripe answers with. Raises ``stripe.StripeError``.

    The SDK's own request, less its typed objects: we read what we need ourselves, and they cost as much as all the rest.
    """
    options = {"idempotency_key": key} if key else {}
    return client().raw_request(method, f"/v1/{path}", **options, **params).data


def error_of(error: stripe.StripeError) -> Mapping[str, Any]:
    """The ``error`` object of a Stripe error body, empty when there is none."""
    body = error.json_body
    found = body.get("error") if isinstance(body, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def unclear(error: stripe.StripeError) -> Unclear:
    """What an error means that decides nothing: rate limits, outages, broken connections, a key in use or spent."""
    text = f"{type(error).__name__}: {error.user_message or error}"[:LONGEST_ERROR].replace("\x00", "")
    if isinstance(error, stripe.APIConnectionError):
        return Unclear(text, maybe_done=not isinstance(error.__cause__, NEVER_SENT))
    if isinstance(error, stripe.IdempotencyError) and error.http_status != CONFLICT:
        return Unclear(text, key_spent=True)
    replayed = (error.headers or {}).get("idempotent-replayed") == "true"
    return Unclear(text, maybe_done=error.http_status not in CERTAINLY_NOT_DONE, key_spent=replayed)
