"""A look at a token at the door, before anything is hashed for whoever holds it."""

from __future__ import annotations

from shop.customers.states import VerificationPurpose
from shop.customers.verifications import is_good, worthless


def must_be_good(token: str) -> None:
    """Raises ``Invalid`` (400) for a token that would not replace a password now."""
    if not is_good(token, VerificationPurpose.PASSWORD):
        raise worthless()
