"""What an order costs once its lines have changed. Prices stay those of the checkout; the discount keeps its share.

When goods go, the part of the discount that was given on them goes with them, rounded in the customer's favour: what comes
back is what was paid for them. When goods are added, the discount stays as it was granted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID

from ordering.orders.models import Order, OrderLine


@dataclass(frozen=True, slots=True)
class Terms:
    """Quantities by position of line, and what they cost, in minor units."""

    quantities: Mapping[int, int]
    subtotal: int
    discount: int

    @property
    def total(self) -> int:
        """What is to be paid."""
        return self.subtotal - self.discount

    @classmethod
    def of(cls, order: Order, lines: Iterable[OrderLine]) -> Self:
        """The order as it is."""
        return cls({line.position: line.quantity for line in lines}, order.subtotal, order.discount)

    def with_quantities(self, lines: Sequence[OrderLine], wanted: Mapping[int, int]) -> Self:
        """The same with other quantities; 0 takes the line away."""
        quantities = {position: quantity for position, quantity in {**self.quantities, **wanted}.items() if quantity > 0}
        prices = {line.position: line.unit_price for line in lines}
        subtotal = sum(prices[position] * quantity for position, quantity in quantities.items())
        return replace(self, quantities=quantities, subtotal=subtotal, discount=self._discount_at(subtotal))

    def _discount_at(self, subtotal: int) -> int:
        if subtotal >= self.subtotal:
            return self.discount
        return -(-self.discount * subtotal // self.subtotal)  # rounded up


def without(lines: Sequence[OrderLine], missing: Mapping[UUID, int]) -> dict[int, int]:
    """The quantities that remain when so many of each product are missing, taken from the last lines first."""
    left = dict(missing)
    wanted = {}
    for line in sorted(lines, key=lambda each: each.position, reverse=True):
        gone = min(line.quantity, left.get(line.product_id, 0))
        if gone:
            left[line.product_id] -= gone
            wanted[line.position] = line.quantity - gone
    return wanted
