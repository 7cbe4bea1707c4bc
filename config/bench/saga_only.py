"""The saga alone: ``CartCheckedOut`` is in the mailbox; how fast do orders come out confirmed?"""

from __future__ import annotations

from pathlib import Path
from random import Random

from config.bench import shop_data
from config.bench.driver import Meter, database_time, wait_for_orders
from config.bench.ledger import booked
from config.bench.rates import Rate
from config.stack.stack import Stack
from shop.messaging.doorbell import ring

WARM_UP = 300


def measure(logs: Path, shop: shop_data.Shop, *, processes: int, count: int, seed: int = 1) -> Rate:
    """Confirm ``count`` orders with so many worker processes and an instant provider; a warm-up comes first.

    Every cart buys two of the shop's products, or its only one.
    """

    def confirm() -> Rate:
        with Stack(logs) as stack:
            stack.start_worker(f"bench{processes}", concurrency=processes, app="config.bench.instant")
            stack.start_sweeper()
            random = Random(seed)  # noqa: S311
            _confirm(stack, shop, WARM_UP, random)
            return _confirm(stack, shop, count, random)

    return booked(count + WARM_UP, confirm)


def _confirm(stack: Stack, shop: shop_data.Shop, count: int, random: Random) -> Rate:
    since = database_time()
    shop_data.checked_out(shop, count, random)
    meter = Meter([process.pid for process in stack.processes])
    ring(["ordering"])
    wait_for_orders(count, since, stack.processes)
    return meter.rate(count)
