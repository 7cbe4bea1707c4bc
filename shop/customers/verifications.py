"""Tokens that confirm a change: made, found and used up. Of each only the SHA-256 is kept, and each works once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from shop.contracts.messaging import RedactMessages
from shop.customers.models import CustomerProfile, Verification
from shop.customers.states import CustomerState, VerificationPurpose
from shop.http.authentication import digest
from shop.messaging.bus import send
from shop.messaging.errors import Invalid
from shop.messaging.sets import fetch_rows

OPEN: Final = """
    INSERT INTO shop_verification (id, customer_id, purpose, token_sha256, email, expires_at)
    VALUES (%s, %s, %s, %s, %s, now() + make_interval(mins => %s)) RETURNING expires_at, created_at
"""
PURGE: Final = """
    DELETE FROM shop_verification WHERE id IN (
        SELECT id FROM shop_verification WHERE expires_at < now() ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING id
"""
MOST_KEYS: Final = 200


@dataclass(frozen=True, slots=True)
class Opened:
    """A verification just made, and its token in clear: for the event that carries it, and nowhere else."""

    id: UUID
    token: str
    expires_at: datetime
    made_at: datetime


def worthless() -> Invalid:
    """The one answer for a token that never was, was used, has expired, or whose customer may not log in."""
    sentence = "This token is not valid (any more). Ask for a new one."
    return Invalid("invalid_token", sentence, errors={"token": [sentence]})


def open_for(customer_id: UUID, purpose: VerificationPurpose, email: str = "") -> Opened:
    """A new token for this purpose; an earlier one is worthless from now on. The customer is locked."""
    forget(customer_id, [purpose])
    token, verification_id = secrets.token_urlsafe(32), uuid7()
    ((expires_at, made_at),) = fetch_rows(
        OPEN, [verification_id, customer_id, purpose.value, digest(token), email, settings.VERIFICATION_MINUTES]
    )
    return Opened(verification_id, token, expires_at, made_at)


def forget(customer_id: UUID, purposes: Sequence[VerificationPurpose] = tuple(VerificationPurpose)) -> None:
    """Open verifications of this customer are worthless, and the tokens go from the messages that carried them."""
    rows = Verification.objects.filter(customer=customer_id, purpose__in=purposes)
    ids = list(rows.values_list("pk", flat=True))
    rows.delete()
    take_out_of_messages(ids)


def take_out_of_messages(verification_ids: Sequence[UUID]) -> None:
    """Have the tokens of these verifications removed from what was published."""
    for start in range(0, len(verification_ids), MOST_KEYS):
        send(RedactMessages(keys=[str(each) for each in verification_ids[start : start + MOST_KEYS]]))


def is_good(token: str, purpose: VerificationPurpose) -> bool:
    """Whether this token would work now: a look before anything expensive is done for it."""
    return _found(token, purpose) is not None


def locked_customer_of(token: str, purpose: VerificationPurpose) -> tuple[CustomerProfile, Verification]:
    """The active customer whose token this is, locked, and what it confirms. Raises ``Invalid`` (400)."""
    found = _found(token, purpose)
    if found is None:
        raise worthless()
    profile = CustomerProfile.objects.select_for_update(no_key=True).filter(pk=found.customer_id).first()
    again = _found(token, purpose)  # a verification changes only under the customer's lock, which we have now
    if profile is None or again is None or profile.status != CustomerState.ACTIVE:
        raise worthless()
    return profile, again


def purge(limit: int) -> None:
    """Forget verifications that have expired, at most ``limit``, and take their tokens out of the messages."""
    take_out_of_messages([verification_id for (verification_id,) in fetch_rows(PURGE, [limit])])


def _found(token: str, purpose: VerificationPurpose) -> Verification | None:
    return Verification.objects.filter(token_sha256=digest(token), purpose=purpose, expires_at__gt=Now()).first()
