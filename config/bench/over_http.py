"""End to end: POST the checkout over HTTP, wait until its order is confirmed, then the next; so many in flight at once."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from uuid import UUID

from config.bench import shop_data
from config.bench.driver import Meter, database_time, wait_for_orders
from config.bench.in_flight import Arrivals, Timing, drive
from config.bench.ledger import booked
from config.bench.rates import Rate, percentiles
from config.stack.stack import Stack
from shop.messaging.doorbell import ring

WARM_UP = 100
INSTANT = "config.bench.instant"
BODY = b'{"paymentMethodId": "pm_card_visa", "deliveryMethod": "CLICK_AND_COLLECT", "customerId": "%s"}'
CONFIRMED = "SELECT /* bench */ cart_id FROM ordering_order WHERE cart_id = ANY(%s) AND lifecycle_status <> 'CREATED'"

Checkout = tuple[UUID, UUID, str]


def end_to_end(logs: Path, shop: shop_data.Shop, *, clients: int, count: int, seed: int = 2) -> Rate:
    """``count`` checkouts with so many in flight, from POST to confirmed; web, two workers and sweeper share the machine."""

    def measure() -> Rate:
        with Stack(logs) as stack:
            stack.start_web()
            stack.start_worker("bench-http", concurrency=2, app=INSTANT)
            stack.start_sweeper()
            return _measure(stack, shop, clients, count, Random(seed), arrive=True)  # noqa: S311

    return booked(count + WARM_UP, measure)


def accepting(logs: Path, shop: shop_data.Shop, *, clients: int, count: int, seed: int = 3) -> Rate:
    """The POST alone while no worker runs. Afterwards a worker fulfils what was promised, so that nothing is left open."""
    since = database_time()

    def measure() -> Rate:
        with Stack(logs) as stack:
            stack.start_web()
            return _measure(stack, shop, clients, count, Random(seed), arrive=False)  # noqa: S311

    rate = booked(count + WARM_UP, measure)
    with Stack(logs) as stack:
        stack.start_worker("bench-clear", concurrency=2, app=INSTANT)
        stack.start_sweeper()
        ring(["ordering"])
        wait_for_orders(count + WARM_UP, since, stack.processes)
    return rate


def _measure(stack: Stack, shop: shop_data.Shop, clients: int, count: int, random: Random, *, arrive: bool) -> Rate:
    _drive(stack, shop_data.carts(shop, WARM_UP, random), clients, arrive=arrive)
    carts = shop_data.carts(shop, count, random)
    meter = Meter([process.pid for process in stack.processes])
    timings = _drive(stack, carts, clients, arrive=arrive)
    p50, p95 = percentiles([timing.arrived for timing in timings])
    accept_p50, _ = percentiles([timing.accepted for timing in timings])
    return meter.rate(count, p50=p50, p95=p95, accept_p50=accept_p50)


def _drive(stack: Stack, carts: list[Checkout], clients: int, *, arrive: bool) -> list[Timing]:
    jobs = {checkout[0]: checkout for checkout in carts}
    arrivals = Arrivals(CONFIRMED) if arrive else None
    return drive(jobs, clients=clients, connect=partial(_connect, stack.web_port), arrivals=arrivals)


def _connect(port: int) -> Callable[[Checkout], None]:
    return partial(_post, http.client.HTTPConnection("127.0.0.1", port, timeout=30))


def _post(line: http.client.HTTPConnection, checkout: Checkout) -> None:
    cart, customer, token = checkout
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": str(cart)}
    line.request("POST", f"/carts/{cart}/checkout", BODY % str(customer).encode(), headers)
    answer = line.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"checkout of {cart} was answered {answer.status}: {body[:300]!r}")
