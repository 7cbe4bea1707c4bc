import pytest

from shop.messaging.doorbell import breaker


@pytest.fixture(autouse=True)
def _forget_the_breaker() -> None:
    breaker.closed_until = 0.0
