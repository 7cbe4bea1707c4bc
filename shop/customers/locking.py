"""Finding a customer to change, alone: the row lock that every change of a customer or an address book takes first."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shop.customers.models import CustomerProfile
from shop.customers.states import CustomerState
from shop.http.permissions import no_such_customer
from shop.messaging.errors import Refused
from shop.messaging.sets import fetch_rows


def locked_customer(customer_id: UUID, *, closed_too: bool = False) -> CustomerProfile:
    """The customer, locked until the transaction ends. Raises ``Missing``, and ``Refused`` for a closed one."""
    profile = CustomerProfile.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if profile is None:
        raise no_such_customer()
    if profile.status == CustomerState.CLOSED and not closed_too:
        raise Refused("customer_closed", "This customer is closed and cannot be changed.")
    return profile


def now() -> datetime:
    """The database's clock, UTC: when the open transaction began."""
    moment: datetime = fetch_rows("SELECT now()")[0][0]
    return moment
