"""Tokens for the many customers of the demo. Logging in costs a tenth of a second of hashing each, so most of them get a
session as a login would have left it; some really log in over HTTP."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from config.demo.people import people
from config.demo.shopkeeping import CUSTOMER_PASSWORD
from config.demo.shopping import Buyer, FrontDoor
from shop.customers.models import AuthenticationSession
from shop.http.authentication import digest

GOOD_FOR: Final = timedelta(hours=1)
REAL_LOGINS: Final = 5


def buyers(door: FrontDoor, customers: Sequence[UUID]) -> list[Buyer]:
    """A buyer for each of these customers, who are in the order of ``people()``; the first few log in for real."""
    known = list(zip(customers, people(), strict=True))
    real = [door.log_in(customer, person.email, CUSTOMER_PASSWORD) for customer, person in known[:REAL_LOGINS]]
    return real + _sessions(customers[REAL_LOGINS:])


def _sessions(customers: Sequence[UUID]) -> list[Buyer]:
    made = [Buyer(customer, secrets.token_urlsafe(32)) for customer in customers]
    AuthenticationSession.objects.bulk_create(
        AuthenticationSession(id=uuid7(), account_id=buyer.id, token_sha256=digest(buyer.token), expires_at=Now() + GOOD_FOR)
        for buyer in made
    )
    return made
