"""Who checks out, and where it goes: what a cart asks customers about."""

from __future__ import annotations

from uuid import UUID

from shop.contracts.accounts import AdmitToCheckout
from shop.contracts.addresses import Address
from shop.contracts.customers import AddressView, GetCustomerAddresses
from shop.contracts.shopping import CheckoutCart
from shop.messaging.bus import ask, call
from shop.messaging.errors import Invalid, Missing


def must_be_active(customer_id: UUID) -> None:
    """Raises ``Missing`` (404) for an unknown customer and ``Refused`` (409) for one who may not buy; and it stays so until
    this transaction ends."""
    call(AdmitToCheckout(customer_id=customer_id))


def delivery_address(command: CheckoutCart) -> Address | None:
    """The address that was given, chosen, or is the default one, in this order; a customer may have none.

    Raises ``Invalid`` (400) for two at once and ``Missing`` (404) for one that is not in the customer's book.
    """
    if command.delivery_address is not None:
        if command.address_id is not None:
            raise Invalid("two_addresses", "Give either deliveryAddress or addressId.")
        return command.delivery_address
    book: list[AddressView] = ask(GetCustomerAddresses(customer_id=command.customer_id)).addresses
    if command.address_id is None:
        return next((_copied(entry) for entry in book if entry.is_default), None)
    chosen = next((entry for entry in book if entry.address_id == command.address_id), None)
    if chosen is None:
        raise Missing("address_not_found", "There is no such address in your address book.")
    return _copied(chosen)


def _copied(entry: AddressView) -> Address:
    return Address.model_validate(entry.model_dump(include=set(Address.model_fields)))
