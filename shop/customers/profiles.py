"""Writing a profile: one e-mail address belongs to one customer, whoever comes first."""

from __future__ import annotations

from django.db import IntegrityError
from django.db.models.functions import Now

from shop.customers.emails import email_taken
from shop.customers.models import CustomerProfile
from shop.messaging.bus import unit_of_work


def store(profile: CustomerProfile) -> None:
    """Write a changed profile. Raises ``Refused`` (409) when somebody else has the address."""
    profile.updated_at = Now()
    try:
        with unit_of_work():
            profile.save(update_fields=["email", "email_key", "name", "status", "status_reason", "legal_hold", "updated_at"])
    except IntegrityError:
        raise email_taken() from None
