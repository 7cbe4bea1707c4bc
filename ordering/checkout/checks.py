"""System checks: stock is held longer than a checkout may take to need it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from ordering.checkout.saga import Checkout


def longest_wait() -> float:
    """Seconds from the reservation to the last moment at which a checkout still waits for its order."""
    return sum(step.patience * (2**step.tries - 1) for step in Checkout.steps[1:])  # doubled at each try


@register("checkout")
def check_deadlines(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Warns when reservations may run out under checkouts that are still patient; their orders would need a recheck."""
    held = settings.RESERVATION_MINUTES * 60
    if longest_wait() < held:
        return []
    sentence = f"A checkout may wait {longest_wait():.0f} s for its order, stock is held for {held} s."
    return [Warning(sentence, hint="Raise RESERVATION_MINUTES or lower CHECKOUT_*_DEADLINE_SECONDS.", id="checkout.W001")]
