"""Invariant 6, as far as carts know: one cart, one checkout session, stated once and for what its lines cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.ages import first_id_of
from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

# Mail is pruned one day; what is older than two days has been looked at often enough.
# The statements are gathered first: asked cart by cart, the planner may go through everything of that name for each.
STATED_ONCE: Final = f"""
    WITH m AS MATERIALIZED (
        SELECT key FROM messaging_message
        WHERE name = 'CartCheckedOut' AND id >= {first_id_of("now() - interval '3 days'")}
    )
    SELECT c.id, count(m.key) FROM shop_cart c LEFT JOIN m ON m.key = c.id::text
    WHERE c.checked_out_at > now() - interval '2 days'
    GROUP BY c.id HAVING count(m.key) <> 1 LIMIT 100
"""
ADDS_UP: Final = """
    SELECT c.id, c.subtotal, sum(i.quantity * i.unit_price) FROM shop_cart c
    LEFT JOIN shop_cartitem i ON i.cart_id = c.id
    WHERE c.status = 'CHECKED_OUT'
    GROUP BY c.id HAVING c.subtotal IS DISTINCT FROM sum(i.quantity * i.unit_price) LIMIT 100
"""

# Carts that were frozen before their lines knew their shares have none.
SHARED_OUT: Final = """
    SELECT c.id, c.discount, sum(i.discount) FROM shop_cart c JOIN shop_cartitem i ON i.cart_id = c.id
    WHERE c.status = 'CHECKED_OUT'
    GROUP BY c.id HAVING sum(i.discount) NOT IN (0, c.discount) LIMIT 100
"""


def cart_violations() -> Iterator[Violation]:
    """Every cart that was checked out otherwise than once, at most 100 per rule."""
    for cart_id, times in fetch_rows(STATED_ONCE):
        yield Violation("a cart is checked out once", str(cart_id), f"its checkout was stated {times} times")
    for cart_id, subtotal, lines in fetch_rows(ADDS_UP):
        yield Violation("a frozen cart costs what its lines cost", str(cart_id), f"{subtotal}, its lines {lines}")
    for cart_id, discount, shares in fetch_rows(SHARED_OUT):
        yield Violation("the lines of a cart share its discount", str(cart_id), f"{discount}, its lines {shares}")
