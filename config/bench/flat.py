"""Does a long past cost anything? The saga alone in an empty shop, and again after a past has been written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.bench import plans, saga_only, shop_data
from config.bench.rates import Rate, middle
from config.history import Scale, write

# The size that performance targets speak of.
TARGET_ORDERS = 1_000_000
TARGET_MESSAGES = 10_000_000


@dataclass(frozen=True, slots=True)
class Flat:
    """Checkouts per second without and with a past; ``read_through`` are rows of big tables that sequential scans read
    while the second was measured."""

    orders: int
    messages: int
    empty: Rate
    full: Rate
    plans: list[plans.Plan]
    read_through: dict[str, int]

    @property
    def ratio(self) -> float:
        """Speed with the past, of that without."""
        return self.full.per_second / self.empty.per_second

    @property
    def at_target_size(self) -> bool:
        """Whether the past is as long as the target asks for."""
        return self.orders >= TARGET_ORDERS and self.messages >= TARGET_MESSAGES

    @property
    def seq_scans(self) -> int:
        """Statements that would read a big table from end to end, and big tables that were."""
        return sum(bool(plan.read_through) for plan in self.plans) + len(self.read_through)


def measure(logs: Path, *, rounds: int, count: int, orders: int, messages: int, tell: Callable[[str], None]) -> Flat:
    """Empties the shop. Medians of ``rounds`` on either side."""
    shop_data.empty()
    shop = shop_data.stock_up()

    def speed() -> Rate:
        return middle([saga_only.measure(logs, shop, processes=2, count=count) for _ in range(rounds)])

    tell("measuring without a past …")
    empty = speed()
    shop_data.empty()
    write(Scale(orders, messages), tell)
    shop = shop_data.stock_up()
    big, before = plans.big_tables(), plans.read_through()
    tell("measuring with the past …")
    full = speed()
    after = plans.read_through()
    read = {table: after[table] - before.get(table, 0) for table in sorted(big & set(after))}
    return Flat(
        orders, messages, empty, full, plans.plans(), {table: rows for table, rows in read.items() if rows > plans.BIG_TABLE}
    )
