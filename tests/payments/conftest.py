"""Payments against the sandbox: the real SDK over real HTTP, the real mailbox, and a switchboard with this department only."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from config.sandbox import Sandbox, SandboxControl
from shop.messaging.switchboard import Switchboard
from tests.boards import using
from tests.payments.board import BOARD
from tests.payments.shop import Shop


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Iterator[SandboxControl]:
    """The sandbox's control, everything in it forgotten; the shop's settings point at it, with short patience."""
    addresses = override_settings(
        STRIPE_API_BASE=running_sandbox.urls["stripe"],
        FRAUD_API_BASE=running_sandbox.urls["fraud"],
        OUTSIDE_CONNECT_TIMEOUT_SECONDS=0.5,
        OUTSIDE_TOTAL_TIMEOUT_SECONDS=1.0,
    )
    with SandboxControl(running_sandbox.urls["stripe"]) as control, addresses:
        control.clear_faults()
        control.reset()
        yield control
        control.clear_faults()


@pytest.fixture
def board() -> Iterator[Switchboard]:
    with using(BOARD) as board:
        yield board


@pytest.fixture
def shop(sandbox: SandboxControl, board: Switchboard) -> Shop:
    return Shop(sandbox)
