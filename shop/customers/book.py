"""The rules of an address book: at most twenty entries, and one of them the default as long as there is any."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from shop.contracts.addresses import Address
from shop.customers.models import CustomerAddress
from shop.messaging.errors import Missing, Refused

MOST_ADDRESSES: Final = 20


def no_such_address() -> Missing:
    """The one answer for an address that is not there and for one in somebody else's book."""
    return Missing("address_not_found", "There is no such address.")


def entry(customer_id: UUID, address_id: UUID) -> CustomerAddress:
    """One address of this customer. Raises ``Missing``."""
    row = CustomerAddress.objects.filter(pk=address_id, customer=customer_id).first()
    if row is None:
        raise no_such_address()
    return row


def add(customer_id: UUID, address: Address, address_id: UUID | None, is_default: bool | None) -> CustomerAddress:
    """Put an address into the book; the customer is locked. One that is there under this id already is left as it is.

    Raises ``Refused`` when the book is full or the id is taken.
    """
    known = CustomerAddress.objects.filter(pk=address_id).first() if address_id else None
    if known is not None:
        if known.customer_id != customer_id:
            raise Refused("address_id_taken", "There is an address with this id already.")
        return known
    count = CustomerAddress.objects.filter(customer=customer_id).count()
    if count >= MOST_ADDRESSES:
        raise Refused("address_book_full", f"An address book has at most {MOST_ADDRESSES} addresses.")
    row = CustomerAddress(id=address_id or uuid7(), customer_id=customer_id, is_default=bool(is_default) or not count)
    write(row, address)
    _only_default(row)
    row.save(force_insert=True)
    return row


def change(row: CustomerAddress, address: Address | None, is_default: bool | None) -> None:
    """Replace the address, or move the default here or away. The last way never leaves a book without a default."""
    if address is not None:
        write(row, address)
    if is_default is not None:
        row.is_default = is_default
    _only_default(row)
    row.save()
    keep_a_default(row.customer_id, rather_than=row.pk)


def keep_a_default(customer_id: UUID, *, rather_than: UUID | None = None) -> None:
    """Make the oldest address the default if none is, another one than ``rather_than`` when there is a choice."""
    book = list(CustomerAddress.objects.filter(customer=customer_id).order_by("id"))
    if not book or any(row.is_default for row in book):
        return
    chosen = next((row for row in book if row.pk != rather_than), book[0])
    CustomerAddress.objects.filter(pk=chosen.pk).update(is_default=True)


def write(row: CustomerAddress, address: Address) -> None:
    """The address into the row, unsaved."""
    row.recipient_name = address.recipient_name or ""
    row.line1, row.line2 = address.line1, address.line2 or ""
    row.city, row.postal_code, row.country_code = address.city, address.postal_code, address.country_code


def _only_default(row: CustomerAddress) -> None:
    if row.is_default:
        CustomerAddress.objects.filter(customer=row.customer_id, is_default=True).exclude(pk=row.pk).update(is_default=False)
