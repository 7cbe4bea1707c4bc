"""Promotions are used exactly as often as their counters say, and no customer more often than allowed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

COUNTED: Final = """
    SELECT p.id, p.uses, count(u.id) FROM shop_promotion p
    LEFT JOIN shop_promotionuse u ON u.promotion_id = p.id AND u.status <> 'GIVEN_BACK'
    WHERE p.total_limit IS NOT NULL
    GROUP BY p.id HAVING p.uses <> count(u.id) LIMIT 100
"""
PER_CUSTOMER: Final = """
    SELECT p.id, u.customer_id, count(*) FROM shop_promotion p
    JOIN shop_promotionuse u ON u.promotion_id = p.id AND u.status <> 'GIVEN_BACK'
    WHERE p.per_customer_limit IS NOT NULL
    GROUP BY p.id, u.customer_id HAVING count(*) > p.per_customer_limit LIMIT 100
"""


EXCEEDED: Final = """
    SELECT p.id, p.total_limit, count(u.id) FROM shop_promotion p
    JOIN shop_promotionuse u ON u.promotion_id = p.id AND u.status <> 'GIVEN_BACK'
    WHERE p.total_limit IS NOT NULL
    GROUP BY p.id HAVING count(u.id) > p.total_limit LIMIT 100
"""


def promotion_violations() -> Iterator[Violation]:
    """Every promotion whose limits do not hold, at most 100 per rule."""
    for promotion_id, uses, found in fetch_rows(COUNTED):
        yield Violation("a promotion counts its uses", str(promotion_id), f"it counts {uses}, there are {found}")
    for promotion_id, limit, found in fetch_rows(EXCEEDED):
        yield Violation("a promotion is used no more often than its limit", str(promotion_id), f"{found} of {limit}")
    for promotion_id, customer_id, found in fetch_rows(PER_CUSTOMER):
        yield Violation("no customer exceeds a limit", str(promotion_id), f"{customer_id} used it {found} times")
