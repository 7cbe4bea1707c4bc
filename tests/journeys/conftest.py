from collections.abc import Iterator

import pytest
from django.test import override_settings

from config.sandbox import Sandbox, SandboxControl


@pytest.fixture
def provider() -> Iterator[SandboxControl]:
    """The sandbox as the outside world, empty."""
    with Sandbox() as running:
        addresses = override_settings(
            STRIPE_API_BASE=running.urls["stripe"],
            FRAUD_API_BASE=running.urls["fraud"],
            CARRIER_API_BASE=running.urls["carrier"],
        )
        with addresses, SandboxControl(running.urls["stripe"]) as control:
            yield control
