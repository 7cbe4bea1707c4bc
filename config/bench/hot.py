"""Everybody buys the same product: one row that every checkout wants to change."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from config.bench import saga_only
from config.bench.rates import Rate
from config.bench.shop_data import Shop
from shop.messaging.sets import fetch_rows

# What the stock says, what its ledger comes to, and what its reservations hold.
PROMISED = """
    SELECT (SELECT reserved FROM fulfilment_stockitem WHERE product_id = %(product)s),
           (SELECT sum(delta_reserved) FROM fulfilment_stockmovement WHERE product_id = %(product)s),
           (SELECT COALESCE(sum(l.quantity), 0) FROM fulfilment_reservationline l
            JOIN fulfilment_reservation r ON r.id = l.reservation_id
            WHERE l.product_id = %(product)s AND r.status = 'HELD')
"""


def measure(logs: Path, shop: Shop, *, processes: int, count: int) -> Rate:
    """The saga alone with one product in every cart. Raises ``RuntimeError`` unless stock is exact to the unit afterwards."""
    product = shop.products[0]
    before = promised(product)
    rate = saga_only.measure(logs, Shop([product], shop.customers), processes=processes, count=count)
    after = promised(product)
    wanted = before + count + saga_only.WARM_UP
    if after != wanted:
        raise RuntimeError(f"the hot product has {after} units promised instead of {wanted}")
    return rate


def promised(product: UUID) -> int:
    """Units promised of this product. Raises ``RuntimeError`` when stock, ledger and reservations do not agree."""
    stock, ledger, held = (int(figure) for figure in fetch_rows(PROMISED, {"product": product})[0])
    if not stock == ledger == held:
        raise RuntimeError(f"product {product}: stock says {stock} promised, its ledger {ledger}, its reservations {held}")
    return stock
