"""Variants: products of their own that belong to another one and differ from it in named options."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from catalog.products.adding import NewProduct, add
from catalog.products.models import Product, ProductVariant
from catalog.products.rules import check, invalid
from catalog.products.states import ProductState
from shop.contracts.fields import LONGEST_NAME
from shop.contracts.products import AddVariant, Characteristic
from shop.messaging.errors import Refused

MOST_VARIANTS = 200


def add_variant_of(base: Product, command: AddVariant) -> NewProduct:
    """The new variant of the locked ``base``.

    Raises ``Invalid`` (400) by the rules, ``Refused`` (409) for options or a SKU in use.
    """
    _check_options(command.options)
    if ProductVariant.objects.filter(product_id=base.pk).exists():
        raise Refused("is_a_variant", "A variant has no variants: add it to the base product.")
    _check_room(base, key := options_key(command.options))
    price = _price_of(base, command)
    name = command.name or ", ".join([base.name, *(option.value for option in command.options)])[:LONGEST_NAME].rstrip()
    check({"sku": command.sku, "name": name, "price": price})
    product = NewProduct(
        sku=command.sku,
        name=name,
        description=base.description,
        price=price,
        currency=base.currency,
        category=base.category,
        status=command.status or ProductState.DRAFT.value,
    )
    if not add([product]):
        raise sku_taken()
    ProductVariant.objects.create(
        product_id=product.id,
        base=base,
        options=[[option.name, option.value] for option in command.options],
        options_key=key,
        price_difference=command.price_difference,
    )
    return product


def sku_taken() -> Refused:
    """The refusal of a SKU that another product has."""
    sentence = "Another product has this SKU."
    return Refused("sku_taken", sentence, errors={"sku": [sentence]})


def options_key(options: Sequence[Characteristic]) -> str:
    """Equal for equal options, whatever their order and case."""
    plain = sorted((option.name.strip().casefold(), option.value.strip().casefold()) for option in options)
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()


def _check_options(options: Sequence[Characteristic]) -> None:
    names = [option.name.strip().casefold() for option in options]
    if not all(names) or not all(option.value.strip() for option in options):
        raise invalid({"options": ["An option has a name and a value."]})
    if len(set(names)) != len(names):
        raise invalid({"options": ["Every option may be named once only."]})


def _check_room(base: Product, key: str) -> None:
    taken = list(ProductVariant.objects.filter(base=base).values_list("options_key", flat=True))
    if key in taken:
        raise Refused("variant_exists", "This product has a variant with these options.")
    if len(taken) >= MOST_VARIANTS:
        raise Refused("too_many_variants", f"A product has at most {MOST_VARIANTS} variants.")


def _price_of(base: Product, command: AddVariant) -> int:
    if (command.price is None) == (command.price_difference is None):
        raise invalid({"price": ["Give either a price or a difference to the base product's price."]})
    return base.price + (command.price_difference or 0) if command.price is None else command.price
