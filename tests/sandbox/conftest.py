"""A sandbox of the test's own, the official Stripe SDK pointed at it, and a shop that collects its webhooks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition

import httpx
import pytest
import stripe

from config.sandbox import Sandbox, SandboxControl
from config.sandbox.wire import Request, Response, WireServer


@dataclass
class Inbox:
    """What the shop received, in the order it was answered."""

    received: list[Request] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    arrived: Condition = field(default_factory=Condition)

    def take(self, request: Request) -> Response:
        """Keep a webhook, answer with the next prepared status or 200."""
        with self.arrived:
            self.received.append(request)
            self.arrived.notify_all()
            return Response(self.statuses.pop(0) if self.statuses else 200, {})

    def wait(self, number: int, seconds: float = 10) -> list[Request]:
        """The webhooks received, once there are `number` of them."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= number, seconds), len(self.received)
            return list(self.received)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def shop(inbox: Inbox) -> Iterator[WireServer]:
    server = WireServer("127.0.0.1", 0, inbox.take)
    server.start()
    yield server
    server.close()


@pytest.fixture
def sandbox(shop: WireServer, tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(webhook_url=shop.url, state=tmp_path / "state") as running:
        yield running


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[SandboxControl]:
    with SandboxControl(sandbox.urls["stripe"]) as client:
        yield client


SdkFor = Callable[[str], stripe.StripeClient]


@pytest.fixture
def sdk_for() -> SdkFor:
    """The SDK pointed at an address, with a short timeout and no retries of its own."""

    def build(url: str, retries: int = 0, timeout: float = 2) -> stripe.StripeClient:
        return stripe.StripeClient(
            "sk_test_sandbox",
            base_addresses={"api": url},
            http_client=stripe.RequestsClient(timeout=timeout),
            max_network_retries=retries,
        )

    return build


@pytest.fixture
def sdk(sandbox: Sandbox, sdk_for: SdkFor) -> stripe.StripeClient:
    return sdk_for(sandbox.urls["stripe"])


def provider(url: str) -> httpx.Client:
    """A client of the fraud service or the carrier."""
    return httpx.Client(base_url=url, headers={"Authorization": "Bearer key"}, timeout=5)


@pytest.fixture
def fraud(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with provider(sandbox.urls["fraud"]) as client:
        yield client


@pytest.fixture
def carrier(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with provider(sandbox.urls["carrier"]) as client:
        yield client
