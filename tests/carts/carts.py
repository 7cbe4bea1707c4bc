"""Carts and their customers for tests, made the way everybody makes them: by command."""

from itertools import count
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from shop.contracts.addresses import Address
from shop.contracts.customers import AddCustomerAddress, RegisterCustomer
from shop.contracts.shopping import AddItemToCart, CartView, CheckoutAccepted, CheckoutCart, CreateCart
from shop.messaging.bus import execute

_numbers = count(1)


def customer() -> UUID:
    """Somebody who can check out and has no address."""
    profile = execute(RegisterCustomer(email=f"c{next(_numbers)}@example.com", password=SecretStr("a good password")))
    found: UUID = profile.customer_id
    return found


def postal_address(line1: str = "1 High Street") -> Address:
    return Address(recipient_name="A. Buyer", line1=line1, city="Lisbon", postal_code="1000", country_code="PT")


def with_address(customer_id: UUID, line1: str, **given: Any) -> UUID:
    """One more entry in the address book; its id."""
    entry = execute(AddCustomerAddress(customer_id=customer_id, address=postal_address(line1), **given))
    found: UUID = entry.address_id
    return found


def cart(*contents: tuple[UUID, int], **given: Any) -> CartView:
    """An open cart with so many of these products."""
    view: CartView = execute(CreateCart(**given))
    for product_id, quantity in contents:
        view = add(view.cart_id, product_id, quantity)
    return view


def add(cart_id: UUID, product_id: UUID, quantity: int = 1) -> CartView:
    view: CartView = execute(AddItemToCart(cart_id=cart_id, product_id=product_id, quantity=quantity))
    return view


def check_out(cart_id: UUID, customer_id: UUID, **given: Any) -> CheckoutAccepted:
    answer: CheckoutAccepted = execute(CheckoutCart(cart_id=cart_id, customer_id=customer_id, **given))
    return answer
