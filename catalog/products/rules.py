"""What a product may be called and cost, beyond the form its contract asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.products.currencies import CURRENCIES
from catalog.products.models import HIGHEST_PRICE, Product
from catalog.products.states import ProductState
from shop.messaging.errors import Invalid

Problems = dict[str, list[str]]


def problems(given: Mapping[str, Any]) -> Problems:
    """A sentence for every given field that breaks a rule; a field that is not given breaks none."""
    sku, name, price, currency = (given.get(field) for field in ("sku", "name", "price", "currency"))
    found: Problems = {}
    if sku is not None and not (sku and sku == sku.strip() and sku.isprintable()):
        found["sku"] = ["A SKU is not empty, has only visible characters and does not begin or end with a space."]
    if name is not None and not name.strip():
        found["name"] = ["A name has at least one visible character."]
    if price is not None and not 0 <= price <= HIGHEST_PRICE:
        found["price"] = [f"A price is between 0 and {HIGHEST_PRICE} minor units."]
    if currency is not None and currency not in CURRENCIES:
        found["currency"] = ["There is no such currency (ISO 4217)."]
    return found


def check(given: Mapping[str, Any]) -> None:
    """Raises ``Invalid`` (400) naming every field that breaks a rule."""
    if found := problems(given):
        raise invalid(found)


def check_change(product: Product, given: Mapping[str, Any]) -> None:
    """Raises ``Invalid`` (400): an amount of one currency is no amount of another, so a new currency comes with its price."""
    currency = given.get("currency")
    if currency not in {None, product.currency} and given.get("price") is None:
        sentence = f"{product.price} {product.currency} is not {product.price} {currency}: give the price as well."
        raise invalid({"currency": [sentence]})


def invalid(found: Mapping[str, list[str]]) -> Invalid:
    """The refusal of a product that breaks these rules."""
    return Invalid("invalid_product", "The product breaks a rule of the catalogue.", errors=found)


def move_to(product: Product, status: str) -> None:
    """Take the transition that leads to ``status``. Raises ``Invalid`` (400): no product becomes a draft again."""
    if status == ProductState.ACTIVE:
        product.activate()
    elif status == ProductState.ARCHIVED:
        product.archive()
    else:
        raise invalid({"status": ["A product that has left the draft does not become a draft again."]})
