"""How long a past is: everything else follows from how many orders and messages are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

DAYS: Final = 730
OPEN_CASES: Final = 60  # the newest cases are dealt out over all stages, so that a short past has one of each, too
PER_CHAIN: Final = 12  # messages of one checkout, at least


@dataclass(frozen=True, slots=True)
class Scale:
    """``orders`` is about how many orders there will be, ``messages`` how many messages the mailbox will hold."""

    orders: int
    messages: int

    @property
    def cases(self) -> int:
        """Checkouts: one of twelve or so never becomes an order."""
        return self.orders + self.orders // 11 + OPEN_CASES

    @property
    def products(self) -> int:
        """A tenth of the orders."""
        return max(self.orders // 10, 40)

    @property
    def customers(self) -> int:
        """Everybody buys five times, some very much oftener."""
        return max(self.orders // 5, 20)

    @property
    def promotions(self) -> int:
        """A few hundred for a million orders."""
        return max(self.orders // 2_000, 12)

    def parameters(self) -> dict[str, Any]:
        """What the statements call it."""
        return {
            "orders": self.orders,
            "messages": self.messages,
            "cases": self.cases,
            "products": self.products,
            "customers": self.customers,
            "promotions": self.promotions,
            "erased": max(self.customers // 500, 3),
            "days": DAYS,
            "open_cases": OPEN_CASES,
            "chains": self.messages // PER_CHAIN + 1,
        }
