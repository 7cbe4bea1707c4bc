"""A shop whose worker is a process of its own, which can be made to die anywhere and started again."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from random import Random
from uuid import UUID

from django.db import connection

from config.bench import shop_data
from config.sandbox import Sandbox, SandboxControl
from ordering.checkout.models import CheckoutSession
from ordering.orders.models import Order
from shop.contracts.shopping import CheckoutCart
from shop.messaging.bus import execute
from shop.messaging.doorbell import listening
from shop.messaging.invariants import run_all
from shop.messaging.models import Delivery
from shop.messaging.routing import switchboard
from tests.faults import ready

NO_REDIS = "redis://127.0.0.1:9/0"


class Shop:
    """Products, customers and carts in the test's database, providers in the test's process, the worker outside it."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.data = shop_data.stock_up(products=20, customers=3)
        self.random = Random(7)

    def checkout(self, count: int = 1, *, method: str = "pm_card_visa", quantity: int = 1) -> list[UUID]:
        """Check out that many new carts; nobody is told yet. Their session ids."""
        carts = shop_data.carts(self.data, count, self.random, quantity=quantity)
        with listening():
            return [
                execute(
                    CheckoutCart(
                        cart_id=cart, customer_id=customer, payment_method_id=method, delivery_method="CLICK_AND_COLLECT"
                    )
                ).checkout_session_id
                for cart, customer, _ in carts
            ]

    def work(self, crash_at: str = "", **env: str) -> int:
        """Run a worker until nothing is left to do or it dies; its exit status (-9 if it was killed)."""
        crash = {"CRASH_AT": crash_at, "CRASH_ONCE_FILE": str(self.folder / "crashed")} if crash_at else {}
        return ready.run(self.environment({**crash, **env}))

    def environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        """What a process of this shop has to know: the test's own database, no Redis, the sandbox's addresses."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.development",
            "DATABASE_URL": database_url(),
            "REDIS_URL": NO_REDIS,
            "DEBUG": "0",
            "LOG_LEVEL": "ERROR",
            "STRIPE_API_BASE": self.sandbox.urls["stripe"],
            "FRAUD_API_BASE": self.sandbox.urls["fraud"],
            "OUTSIDE_TOTAL_TIMEOUT_SECONDS": "1.5",
            **extra,
        }


def database_url() -> str:
    """The address of the database that this test uses."""
    config = connection.settings_dict
    return f"postgres://{config['USER']}:{config['PASSWORD']}@{config['HOST']}:{config['PORT']}/{config['NAME']}"


def killed() -> int:
    """The exit status of a process that was killed by SIGKILL."""
    return -signal.SIGKILL


def forget_time() -> None:
    """Leases have run out and what backs off is due: what a minute of waiting would bring."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_delivery SET leased_until = now() WHERE status = 'leased'")
        cursor.execute("UPDATE messaging_delivery SET due_at = now() WHERE status = 'open'")


def open_mail() -> int:
    """How many deliveries are neither done nor given up."""
    return Delivery.objects.filter(status__in=["open", "leased"]).count()


def states() -> dict[UUID, str]:
    """The state of every checkout session."""
    return dict(CheckoutSession.objects.values_list("id", "state"))


def orders() -> int:
    """How many orders there are."""
    return Order.objects.count()


def violations() -> list[str]:
    """Everything that is not as it must be."""
    return [f"{found.rule}: {found.subject}: {found.detail}" for found in run_all(switchboard().all_invariants())]


def live_holds(sandbox: Sandbox) -> int:
    """Money the provider holds or has taken that nobody gave back: one per order is right."""
    with SandboxControl(sandbox.urls["stripe"]) as control:
        intents = control.ledger("stripe")["intents"]
    return sum(intent["status"] in ("requires_capture", "succeeded") for intent in intents)
