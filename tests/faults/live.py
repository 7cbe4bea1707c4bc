"""The whole shop as real processes on the test's own database, and what tests ask it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import httpx
from django.db import connection, connections
from uuid_utils.compat import uuid7

from catalog.products.models import Product
from catalog.products.states import ProductState
from config.bench import shop_data
from config.sandbox import SandboxControl
from config.stack.processes import Process
from config.stack.stack import Stack
from ordering.checkout.models import CheckoutSession
from ordering.orders.models import Order
from payments.gateways.reading import intent_of
from payments.invariants import compare_with_provider
from shop.carts.models import Cart, CartItem
from shop.contracts.fulfilment import ReceiveStock
from shop.messaging.bus import execute
from shop.messaging.doorbell import listening
from tests.faults.tools import database_url, violations

LONGEST_WAIT = 120.0  # seconds after which something is broken; nothing is measured with it
ENDED = ("COMPLETED", "ABORTED", "NEEDS_ATTENTION")
VISA, DECLINED = "pm_card_visa", "pm_card_chargeDeclined"
# Impatient enough for a test, patient enough for two busy cores.
SHORT_PATIENCE = {
    "OUTSIDE_CONNECT_TIMEOUT_SECONDS": "1.0",
    "OUTSIDE_TOTAL_TIMEOUT_SECONDS": "1.5",
    "CHECKOUT_RESERVE_DEADLINE_SECONDS": "5",
    "CHECKOUT_AUTHORIZE_DEADLINE_SECONDS": "6",
    "CHECKOUT_CREATE_ORDER_DEADLINE_SECONDS": "5",
    "CHECKOUT_UNDO_DEADLINE_SECONDS": "4",
    "IDEMPOTENCY_LEASE_SECONDS": "10",
}

OpenCart = tuple[UUID, UUID, str]


class Live:
    """Web, workers, sweeper and sandbox, and a customer's way in. Everything ends with the ``with`` block."""

    def __init__(self, folder: Path, redis_url: str, env: Mapping[str, str] | None = None, *, products: int = 20) -> None:
        self.stack = Stack(
            folder,
            {
                "DJANGO_SETTINGS_MODULE": "config.settings.development",
                "DATABASE_URL": database_url(),
                "REDIS_URL": redis_url,
                **SHORT_PATIENCE,
                **(env or {}),
            },
        )
        self.control: SandboxControl = self.stack.sandbox_control()
        self.data = shop_data.stock_up(products=products, customers=10)
        self.random = Random(11)
        self.http = httpx.Client(base_url=self.stack.url, timeout=60.0, limits=httpx.Limits(max_connections=64))

    @contextmanager
    def running(self, *, worker: bool = True, sweeper: bool = True) -> Iterator[Live]:
        """The stack for the length of a block; afterwards the database is empty."""
        try:
            with self.stack:
                self.stack.start_sandbox()
                if worker:
                    self.stack.start_worker()
                if sweeper:
                    self.stack.start_sweeper(every=0.5)
                self.stack.start_web()
                yield self
        finally:
            self.http.close()
            self.control.close()
            connections.close_all()
            shop_data.empty()

    def process(self, name: str) -> Process:
        """The newest process of that name."""
        return next(process for process in reversed(self.stack.processes) if process.name == name)

    # What customers do

    def carts(self, count: int, *, quantity: int = 1) -> list[OpenCart]:
        """Open carts of two products each."""
        return shop_data.carts(self.data, count, self.random, quantity=quantity)

    def submit(
        self,
        cart: OpenCart,
        *,
        method: str = VISA,
        key: str | None = None,
        delivery: str = "CLICK_AND_COLLECT",
    ) -> httpx.Response:
        """POST one checkout."""
        cart_id, customer, token = cart
        body = {"paymentMethodId": method, "deliveryMethod": delivery, "customerId": str(customer)}
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or str(cart_id)}
        return self.http.post(f"/carts/{cart_id}/checkout", json=body, headers=headers)

    def submit_all(self, carts: Sequence[OpenCart], *, method: str = VISA, threads: int = 8) -> list[UUID]:
        """POST them all, each accepted; their session ids."""
        answers = at_once([lambda cart=cart: self.submit(cart, method=method) for cart in carts], threads=threads)
        assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers][:3]
        return [UUID(answer.json()["checkoutSessionId"]) for answer in answers]

    def check_out(self, count: int = 1, *, method: str = VISA) -> list[UUID]:
        """That many new carts, submitted and accepted; their session ids."""
        return self.submit_all(self.carts(count), method=method)

    # What became of it

    def await_end(self, sessions: Iterable[UUID | str], seconds: float = LONGEST_WAIT) -> dict[UUID, str]:
        """The states of these once each is over or parked and no mail is left."""
        wanted = [UUID(str(session)) for session in sessions]

        def over() -> bool:
            found = states_of(wanted)
            return len(found) == len(wanted) and all(state in ENDED for state in found.values()) and unfinished() == 0

        await_until(over, seconds, lambda: f"{states_of(wanted)}, mail left: {unfinished()}")
        return states_of(wanted)

    def await_rest(self, sessions: Iterable[UUID], seconds: float = LONGEST_WAIT) -> dict[UUID, str]:
        """The states of these once each is over or parked, whatever mail there still is."""
        wanted = list(sessions)

        def at_rest() -> bool:
            found = states_of(wanted)
            return len(found) == len(wanted) and all(state in ENDED for state in found.values())

        await_until(at_rest, seconds, lambda: states_of(wanted))
        return states_of(wanted)

    def await_all(self, sessions: Iterable[UUID | str], state: str) -> None:
        """All of these end in this one state."""
        found = self.await_end(sessions)
        assert set(found.values()) == {state}, found

    def assert_nothing_wrong(self) -> None:
        """No violation anywhere, no effect twice, our ledger is theirs, and they have one hold or capture per order."""
        assert violations() == []
        assert effects_twice() == []
        intents = self.control.ledger("stripe")["intents"]
        assert list(compare_with_provider(map(intent_of, intents))) == []
        paid = sorted(str(payment) for payment in Order.objects.values_list("payment_id", flat=True))
        assert paid_for(intents) == paid


def at_once(work: Sequence[Callable[[], httpx.Response]], *, threads: int) -> list[httpx.Response]:
    """The answers of all of ``work``, so many at a time."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda one: one(), work))


def await_until(true: Callable[[], bool], seconds: float = LONGEST_WAIT, state: Callable[[], object] = str) -> None:
    """Return once ``true()``. Fails with ``state()`` when it takes too long."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"still not so after {seconds:.0f} s: {state()}"
        time.sleep(0.05)


def states_of(sessions: Sequence[UUID]) -> dict[UUID, str]:
    """How these checkouts stand; one that has not begun is missing."""
    return dict(CheckoutSession.objects.filter(id__in=sessions).values_list("id", "state"))


def one(sql: str, parameters: Sequence[object] = ()) -> int:
    """The one number this statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.fetchone()[0])


def unfinished() -> int:
    """Deliveries that are neither done nor given up, but for what the timetable sends time and again."""
    return one(
        """
        SELECT count(*) FROM messaging_delivery d JOIN messaging_message m ON m.id = d.message_id
        WHERE d.status IN ('open', 'leased') AND m.name NOT IN ('ExpireReservations', 'ReconcilePayments', 'AbandonCarts',
              'PurgeLogins', 'ForgetAnswers', 'PruneMessages')
        """
    )


def effects_twice() -> list[str]:
    """Messages that one delivery said twice about one thing: its effect came twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.name || ' said ' || m.name || ' about ' || m.key || ' ' || count(*) || ' times'
            FROM messaging_message m JOIN messaging_message c ON c.id = m.causation_id
            WHERE m.key <> '' GROUP BY c.id, c.name, m.name, m.key HAVING count(*) > 1
            """
        )
        return [row[0] for row in cursor.fetchall()]


def paid_for(intents: Iterable[Mapping[str, Any]]) -> list[str]:
    """The payments for which the provider holds or has taken money, once for each time it does, sorted."""
    live = (intent for intent in intents if intent["status"] in ("requires_capture", "succeeded"))
    return sorted(intent["metadata"]["payment_id"] for intent in live)


def carts_of(shop: shop_data.Shop, product: UUID, count: int) -> list[OpenCart]:
    """Open carts with one piece of one product, over all customers."""
    made = [(uuid4(), *shop.customers[number % len(shop.customers)]) for number in range(count)]
    Cart.objects.bulk_create(Cart(id=cart, customer_id=customer, currency=shop_data.CURRENCY) for cart, customer, _ in made)
    CartItem.objects.bulk_create(CartItem(cart_id=cart, product_id=product, quantity=1) for cart, _, _ in made)
    return made


def product_with(units: int) -> UUID:
    """A new product of which so many are on hand."""
    product = Product.objects.create(
        id=uuid7(),
        sku=f"HOT-{uuid4().hex[:8]}",
        name="Hot",
        price=shop_data.PRICE,
        currency=shop_data.CURRENCY,
        status=ProductState.ACTIVE,
    )
    with listening():
        execute(ReceiveStock(product_id=product.id, quantity=units))
    return product.id
