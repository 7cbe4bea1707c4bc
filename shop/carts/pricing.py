"""What a cart costs: today's prices of the catalogue while it is open, the frozen ones afterwards. Never a client's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from shop.carts.models import CartItem
from shop.contracts.products import GetProducts, ProductView
from shop.messaging.bus import ask
from shop.messaging.errors import Refused

Products: TypeAlias = Mapping[UUID, ProductView]


def products_of(product_ids: Collection[UUID]) -> Products:
    """The products the catalogue sells now, by id, in one question whatever their number."""
    if not product_ids:
        return {}
    answer = ask(GetProducts(product_ids=list(product_ids)))
    return {product.product_id: product for product in answer.products if product.status == "ACTIVE"}


def freeze(items: Sequence[CartItem], products: Products, currency: str) -> int:
    """Give every item its SKU, name and price of now; returns the subtotal in minor units.

    Raises ``Refused`` (409) naming the products that are not sold any more, or not in the cart's currency.
    """
    gone = [str(item.product_id) for item in items if not _sold_in(products, item.product_id, currency)]
    if gone:
        raise Refused(
            "products_unavailable",
            "Some products in the cart are no longer sold. Remove them and try again.",
            data={"productIds": gone},
        )
    for item in items:
        product = products[item.product_id]
        item.sku, item.name, item.unit_price = product.sku, product.name, product.price
    return total(items)


def total(items: Iterable[CartItem]) -> int:
    """What frozen items cost together, in minor units."""
    return sum(item.quantity * (item.unit_price or 0) for item in items)


def _sold_in(products: Products, product_id: UUID, currency: str) -> bool:
    return product_id in products and products[product_id].currency == currency
