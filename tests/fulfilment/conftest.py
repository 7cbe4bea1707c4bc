"""Warehouse and shipping against the sandbox's carrier over real HTTP, on a switchboard with this department only."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from config.sandbox import Sandbox, SandboxControl
from tests.boards import using
from tests.fulfilment.house import BOARD, House


@pytest.fixture(scope="session")
def carrier_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def house(db: None, carrier_sandbox: Sandbox) -> Iterator[House]:
    """An empty house, its carrier's books empty too, with short patience."""
    addresses = override_settings(
        CARRIER_API_BASE=carrier_sandbox.urls["carrier"],
        OUTSIDE_CONNECT_TIMEOUT_SECONDS=0.5,
        OUTSIDE_TOTAL_TIMEOUT_SECONDS=0.6,
    )
    with SandboxControl(carrier_sandbox.urls["carrier"]) as control, addresses, using(BOARD):
        control.clear_faults()
        control.reset()
        yield House(control)
        control.clear_faults()
