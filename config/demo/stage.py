"""Where journeys are played: the running stack, buyers with tokens, the provider's control, and ways to wait and to look."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from django.db import connections

from config.demo import books, provider
from config.demo.results import Facts, Seen, agree
from config.demo.shopping import OK, PROCESSING, Basket, Buyer, FrontDoor, Line, Posted
from config.sandbox.client import SandboxControl
from config.stack.processes import Process
from config.stack.stack import Stack
from shop.contracts.fulfilment.inventory import ReceiveStock
from shop.contracts.products import CreateProduct
from shop.messaging.bus import execute

HANDS = 64
WORKERS = 3
LOOK_EVERY = 0.2
LOOK_AT_ALL_EVERY = 3.0
PATIENCE = 60.0
SETTLES_WITHIN = 20.0

ENDINGS = {"PAYMENT_DECLINED": "declined", "FRAUD": "refused as fraud", PROCESSING: "unfinished"}

Tell = Callable[[str], None]
T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class Stage:
    """Everything a journey needs. ``run`` names this run in the products it makes; ``tell`` says what is going on."""

    run: str
    stack: Stack
    control: SandboxControl
    door: FrontDoor
    products: Sequence[UUID]
    buyers: Sequence[Buyer]
    tell: Tell = lambda _: None
    random: Random = field(default_factory=lambda: Random(7))  # noqa: S311 - the same demo every time
    ahead: float = field(default_factory=books.clock_ahead)
    hands: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(HANDS, "buyer"))
    workers: Process | None = None
    made: int = 0
    _next: Any = None

    def __post_init__(self) -> None:
        self._next = cycle(self.buyers)

    def close(self) -> None:
        """Let go of threads and connections."""
        self.hands.shutdown(cancel_futures=True)
        self.door.close()
        self.control.close()
        connections.close_all()

    def start_workers(self) -> None:
        """Start the workers and return once they fetch work."""
        alive = self.stack.logs / "worker.alive"
        alive.unlink(missing_ok=True)
        self.workers = self.stack.start_worker(concurrency=WORKERS, env={"WORKER_ALIVE_FILE": str(alive)})
        self.workers.await_ready(alive.exists)

    def kill_workers(self) -> None:
        """kill -9, the parent and every child at once."""
        if self.workers:
            self.workers.kill()
            self.stack.processes.remove(self.workers)

    def some(self, count: int) -> list[Buyer]:
        """The next so many buyers; nobody comes twice before everybody came once."""
        return [next(self._next) for _ in range(count)]

    def product(self, name: str, *, price: int, stock: int) -> UUID:
        """A product of this run's own, priced in pence, with so many in stock."""
        self.made += 1
        sku = f"DEMO-{self.run}-{self.made:02}"
        made = execute(
            CreateProduct(sku=sku, name=name, category="Limited editions", price=price, currency="GBP", status="ACTIVE")
        )
        product: UUID = made.product_id
        execute(ReceiveStock(product_id=product, quantity=stock, reason="for the demo"))
        return product

    def ordinary(self) -> list[Line]:
        """One to three different products of the range, one or two of each."""
        chosen = self.random.sample(self.products, self.random.randint(1, 3))
        return [(product, self.random.choice((1, 1, 2))) for product in chosen]

    def baskets(self, buyers: Sequence[Buyer], lines: Callable[[], Sequence[Line]]) -> list[Basket]:
        """A filled cart for each of these buyers."""
        self.tell(f"{len(buyers)} carts are being filled")
        wanted = [(buyer, lines()) for buyer in buyers]
        return self.at_once(lambda each: self.door.fill(*each), wanted)

    def check_out(self, baskets: Iterable[Basket], **wishes: Any) -> list[Posted]:
        """Check them all out at once."""
        going = [*baskets]
        self.tell(f"{len(going)} checkouts at once")
        return self.at_once(lambda basket: self.door.check_out(basket, **wishes), going)

    def at_once(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """The results of ``work``, done by as many hands as there are."""
        return [*self.hands.map(work, items)]

    def ends(self, posted: Sequence[Posted], patience: float = PATIENCE) -> list[dict[str, Any]]:
        """``GET /checkouts/{id}`` of each, asked until none of them is being processed any more or patience ends.

        While the last one is on its way it stands for all: asking for two hundred all the time would slow down what is measured.
        """
        deadline, next_round = time.monotonic() + patience, time.monotonic() + LOOK_AT_ALL_EVERY
        views: list[dict[str, Any]] = []
        while posted and time.monotonic() < deadline:
            if self.door.checkout(posted[-1])["status"] != PROCESSING or time.monotonic() > next_round:
                views = self.at_once(self.door.checkout, posted)
                waiting = sum(view["status"] == PROCESSING for view in views)
                self.tell(f"{len(posted) - waiting} of {len(posted)} checkouts have ended")
                if not waiting:
                    break
                next_round = time.monotonic() + LOOK_AT_ALL_EVERY
            time.sleep(LOOK_EVERY)
        return views

    def observe(self, posted: Sequence[Posted], extra: Callable[[], Facts] = dict) -> Seen:
        """How these checkouts ended over HTTP, what their orders are now, and how their payments stand at the provider."""
        going = list({each.session: each for each in posted if each.status == OK}.values())
        views = self.ends(going)
        orders = self.at_once(
            lambda each: self.door.order(each[0].basket.buyer, each[1]["orderId"])["lifecycleStatus"],
            [(post, view) for post, view in zip(going, views, strict=True) if "orderId" in view],
        )
        ledger = provider.accounts(self.control.ledger("stripe")["entries"])
        facts: dict[str, int | str] = {
            **Counter(f"refused with {each.status}" for each in posted if each.status != OK),
            **Counter(ending(view) for view in views if "orderId" not in view),
            **Counter(str(status).lower().replace("_", " ") for status in orders),
            **provider.money(books.payments_of([each.session for each in going]), ledger),
            **extra(),
        }
        times = [self._milliseconds(post, view) for post, view in zip(going, views, strict=True) if view["status"] != PROCESSING]
        return Seen(facts, books.orders_of(list({each.basket.id for each in posted})), times)

    def settle(self, expected: Facts, orders: int, look: Callable[[], Seen], seconds: float = SETTLES_WITHIN) -> Seen:
        """Look until it is as expected, or until the time for late consequences (a capture, a released hold) is over."""
        deadline = time.monotonic() + seconds
        while not agree(expected, orders, seen := look()) and time.monotonic() < deadline:
            self.tell("waiting for the money to follow")
            time.sleep(2 * LOOK_EVERY)
        return seen

    def until(self, done: Callable[[], bool], seconds: float) -> bool:
        """Wait for it; whether it came about."""
        deadline = time.monotonic() + seconds
        while not done():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _milliseconds(self, posted: Posted, view: dict[str, Any]) -> float:
        ended = datetime.fromisoformat(view["updatedAt"]).timestamp()
        return max(0.0, (ended - self.ahead - posted.at) * 1000)


def ending(view: dict[str, Any]) -> str:
    """How a checkout without an order ended, in a few words."""
    said = str(view.get("reason") or view["status"])
    return ENDINGS.get(said) or said.lower().replace("_", " ")
