"""Products for tests, made the way everybody makes them: by command."""

from itertools import count
from typing import Any

from shop.contracts.products import CreateProduct, ProductView
from shop.messaging.bus import execute

_numbers = count(1)


def product(**given: Any) -> ProductView:
    """A product that can be sold, unless said otherwise."""
    number = next(_numbers)
    facts = {"sku": f"SKU-{number}", "name": f"Product {number}", "price": 1000, "currency": "EUR", "status": "ACTIVE"}
    view: ProductView = execute(CreateProduct(**(facts | given)))
    return view
