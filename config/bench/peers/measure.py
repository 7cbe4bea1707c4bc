"""The peers measured the way the shop is: the same servers, driver, warm-up and books."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

from config.bench import floor
from config.bench.driver import Meter
from config.bench.in_flight import Arrivals, Timing, drive
from config.bench.ledger import booked
from config.bench.peers.app import QUEUE
from config.bench.peers.tasks import checkout
from config.bench.rates import Rate, percentiles
from config.stack.stack import Stack

WARM_UP = 100
SETTINGS = {"DJANGO_SETTINGS_MODULE": "config.bench.peers.settings"}
COMMITTED = "SELECT /* bench */ cart FROM floor.orders WHERE cart = ANY(%s)"
PRODUCTS = range(1, 1_001)

Purchase = tuple[UUID, list[int]]


def chain(logs: Path, *, clients: int, count: int, seed: int = 4) -> Rate:
    """The Celery chain with a worker of two processes; milliseconds from publishing it to its order committed."""
    floor.prepare()

    def measure() -> Rate:
        with Stack(logs, SETTINGS) as stack:
            stack.start_worker("peer-chain", queues=[QUEUE], concurrency=2, app="config.bench.peers.app")
            random = Random(seed)  # noqa: S311
            _chains(WARM_UP, clients, random)
            meter = Meter([process.pid for process in stack.processes])
            p50, p95 = percentiles([timing.arrived for timing in _chains(count, clients, random)])
            return meter.rate(count, p50=p50, p95=p95)

    return booked(count + WARM_UP, measure)


def view(logs: Path, *, clients: int, count: int, seed: int = 5) -> Rate:
    """The one-request view behind granian with two processes of four threads."""
    floor.prepare()

    def measure() -> Rate:
        with Stack(logs, SETTINGS) as stack:
            stack.start_web()
            random = Random(seed)  # noqa: S311
            _requests(stack.web_port, WARM_UP, clients, random)
            meter = Meter([process.pid for process in stack.processes])
            p50, p95 = percentiles([timing.arrived for timing in _requests(stack.web_port, count, clients, random)])
            return meter.rate(count, p50=p50, p95=p95)

    return booked(count + WARM_UP, measure)


def _chains(count: int, clients: int, random: Random) -> list[Timing]:
    return drive(_purchases(count, random), clients=clients, connect=lambda: _publish, arrivals=Arrivals(COMMITTED))


def _publish(purchase: Purchase) -> None:
    checkout(*purchase).apply_async()


def _requests(port: int, count: int, clients: int, random: Random) -> list[Timing]:
    return drive(_purchases(count, random), clients=clients, connect=partial(_connect, port), arrivals=None)


def _connect(port: int) -> Callable[[Purchase], None]:
    return partial(_post, http.client.HTTPConnection("127.0.0.1", port, timeout=30))


def _post(line: http.client.HTTPConnection, purchase: Purchase) -> None:
    cart, products = purchase
    line.request("POST", "/orders", json.dumps({"cart": str(cart), "products": products}))
    answer = line.getresponse()
    body = answer.read()
    if answer.status != 201:
        raise RuntimeError(f"the view answered {answer.status}: {body[:300]!r}")


def _purchases(count: int, random: Random) -> dict[UUID, Purchase]:
    carts = [uuid4() for _ in range(count)]
    return {cart: (cart, random.sample(PRODUCTS, 2)) for cart in carts}
