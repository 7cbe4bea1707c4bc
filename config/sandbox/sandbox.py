"""The sandbox as one thing: three services on three ports, started and stopped together."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from config.sandbox.carrier import CarrierService
from config.sandbox.control import ControlApi
from config.sandbox.faults import FaultBoard
from config.sandbox.fraud import FraudService
from config.sandbox.stripe_api.api import StripeService
from config.sandbox.webhooks import Endpoint
from config.sandbox.wire import WireServer

STRIPE_WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105 - known to everybody, refused in production
CARRIER_WEBHOOK_SECRET = "carrier_whsec_sandbox"  # noqa: S105
ADDRESS_FILE = "sandbox.json"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each service listens; 0 takes any free port."""

    stripe: int = 0
    fraud: int = 0
    carrier: int = 0


class Sandbox:
    """Stand-ins for Stripe, the fraud service and the carrier.

    `state` is the directory that keeps their ledgers across restarts, None keeps them in memory. `webhook_url` is the
    base URL of the shop, None sends no webhooks. `urls` has the base URL of each service once the ports are bound,
    which is on construction.
    """

    def __init__(
        self,
        *,
        ports: Ports = Ports(),
        webhook_url: str | None = None,
        state: Path | None = None,
        host: str = "127.0.0.1",
        stripe_webhook_secret: str = STRIPE_WEBHOOK_SECRET,
        carrier_webhook_secret: str = CARRIER_WEBHOOK_SECRET,
    ) -> None:
        board = FaultBoard()
        shop = webhook_url.rstrip("/") if webhook_url else None
        stripe_endpoint = Endpoint("/webhooks/stripe", "Stripe-Signature", stripe_webhook_secret)
        carrier_endpoint = Endpoint("/webhooks/carrier", "Carrier-Signature", carrier_webhook_secret)
        fraud_endpoint = Endpoint("/webhooks/fraud", "Fraud-Signature", "")  # it never sends any
        stripe = StripeService(board, stripe_endpoint, state, shop)
        fraud = FraudService(board, fraud_endpoint, state, shop)
        carrier = CarrierService(board, carrier_endpoint, state, shop)
        control = ControlApi(board, stripe, fraud, carrier)
        self._board = board
        self._state = state
        self._services = (stripe, fraud, carrier)
        self._servers = {
            service.name: WireServer(host, port, control.serving(service))
            for service, port in zip(self._services, (ports.stripe, ports.fraud, ports.carrier), strict=True)
        }
        self.urls = {name: server.url for name, server in self._servers.items()}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> Self:
        """Serve in background threads and write the addresses to `sandbox.json` in the state directory."""
        for service in self._services:
            service.webhooks.start()
        for server in self._servers.values():
            server.start()
        if self._state:
            _write_addresses(self._state / ADDRESS_FILE, self.urls)
        return self

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Forget afterwards what the providers came to know inside, as a rolled back transaction is forgotten. In memory only."""
        with ExitStack() as all_books:
            for service in self._services:
                all_books.enter_context(service.books.undone())
            yield

    def stop(self) -> None:
        """Cut all connections, stop all threads, close the ledgers."""
        self._board.clear()
        for server in self._servers.values():
            server.close()
        for service in self._services:
            service.webhooks.stop()
            service.books.close()
        if self._state:
            (self._state / ADDRESS_FILE).unlink(missing_ok=True)


def _write_addresses(path: Path, urls: dict[str, str]) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({**urls, "pid": os.getpid()}))
    fresh.replace(path)
