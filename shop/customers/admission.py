"""Who may buy, decided inside the transaction that buys."""

from __future__ import annotations

from typing import Final

from shop.contracts.accounts import AdmitToCheckout
from shop.contracts.customers import CustomerView
from shop.customers.models import CustomerProfile
from shop.customers.queries import customer_view
from shop.customers.states import CustomerState
from shop.http.permissions import no_such_customer
from shop.messaging.errors import Refused
from shop.messaging.sets import select

SHARED: Final = "WHERE id = %s FOR SHARE"  # shared among checkouts, in the way of whoever changes the customer


def admit_to_checkout(command: AdmitToCheckout) -> CustomerView:
    """The customer, kept as it is until the asking transaction ends: checkouts share the row, a suspension waits for them.

    Raises ``Missing`` (404) for an unknown customer and ``Refused`` (409) for one who may not buy.
    """
    found = select(CustomerProfile, SHARED, [command.customer_id])
    if not found:
        raise no_such_customer()
    if found[0].status != CustomerState.ACTIVE:
        raise Refused("customer_not_active", "This account is not active and cannot check out.")
    return customer_view(found[0])
