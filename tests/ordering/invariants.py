"""Whether ordering is still in order."""

from ordering.checkout.invariants import checkout_violations
from ordering.orders.invariants import order_violations
from shop.messaging.invariants import Violation


def broken() -> list[Violation]:
    """Every violation of ordering's invariants."""
    return [*checkout_violations(), *order_violations()]
