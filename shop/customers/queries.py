"""What others may know about a customer."""

from __future__ import annotations

from functools import cache

from shop.contracts.customers import (
    AddressBook,
    AddressView,
    CustomerView,
    GetCustomer,
    GetCustomerAddresses,
)
from shop.customers.models import CustomerAddress, CustomerProfile
from shop.http.permissions import no_such_customer
from shop.messaging.sets import fetch_rows, instance, select


def get_customer(query: GetCustomer) -> CustomerView:
    """The profile. Raises ``Missing``."""
    found = select(CustomerProfile, "WHERE id = %s", [query.customer_id])
    if not found:
        raise no_such_customer()
    return customer_view(found[0])


def get_customer_addresses(query: GetCustomerAddresses) -> AddressBook:
    """The address book, the default address first, then the oldest. Raises ``Missing``."""
    rows = fetch_rows(_book_sql(), [query.customer_id])
    if not rows:
        raise no_such_customer()
    entries = [instance(CustomerAddress, row) for row in rows if row[0] is not None]
    return AddressBook(customer_id=query.customer_id, addresses=[address_view(entry) for entry in entries])


@cache
def _book_sql() -> str:
    """A customer without addresses is one row of nothing; somebody unknown is none."""
    columns = ", ".join(f"a.{field.column}" for field in CustomerAddress._meta.concrete_fields)
    return f"""
        SELECT {columns} FROM shop_customerprofile p LEFT JOIN shop_customeraddress a ON a.customer_id = p.id
        WHERE p.id = %s ORDER BY a.is_default DESC, a.id
    """


def customer_view(profile: CustomerProfile) -> CustomerView:
    """A profile row as published."""
    return CustomerView(
        customer_id=profile.pk,
        email=profile.email,
        name=profile.name or None,
        status=profile.status,
        registered_at=profile.registered_at,
    )


def address_view(row: CustomerAddress) -> AddressView:
    """An address row as published."""
    return AddressView(
        address_id=row.pk,
        is_default=row.is_default,
        recipient_name=row.recipient_name or None,
        line1=row.line1,
        line2=row.line2 or None,
        city=row.city,
        postal_code=row.postal_code,
        country_code=row.country_code,
    )
