"""What the shop's own database says about checkouts of the demo: the second witness beside HTTP and the provider."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from django.db import connection

from ordering.checkout.models import CheckoutSession
from ordering.checkout.states import CheckoutState
from ordering.orders.models import Order
from shop.messaging.sets import fetch_rows

WAITING_MAIL = "SELECT count(*) FROM messaging_delivery WHERE status IN ('open', 'leased') AND due_at <= now()"
OUTSIDE = """
    SELECT count(*) FROM messaging_delivery d JOIN messaging_message m ON m.id = d.message_id
    WHERE d.status = 'leased' AND m.correlation_id = ANY(%s::uuid[])
"""
IN_FLIGHT = (
    CheckoutState.STARTED,
    CheckoutState.RESERVING_INVENTORY,
    CheckoutState.AUTHORIZING_PAYMENT,
    CheckoutState.CREATING_ORDER,
)


def clock_ahead() -> float:
    """Seconds by which the database's clock is ahead of this machine's: final statuses carry the database's time."""
    before = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        now = float(cursor.fetchone()[0])
    return now - (before + time.time()) / 2


def payments_of(sessions: Sequence[str]) -> dict[str, int]:
    """Payment id and amount due of these checkouts."""
    rows = CheckoutSession.objects.filter(pk__in=sessions).values_list("payment_id", "total")
    return {str(payment): total for payment, total in rows}


def orders_of(carts: Sequence[str]) -> int:
    """How many orders came of these carts."""
    return Order.objects.filter(cart_id__in=carts).count()


def in_flight(sessions: Sequence[str], states: Sequence[Any] = IN_FLIGHT) -> int:
    """How many of these checkouts are in one of these states."""
    return CheckoutSession.objects.filter(pk__in=sessions, state__in=[state.value for state in states]).count()


def at_the_provider(sessions: Sequence[str]) -> int:
    """How many of these checkouts wait for an answer from outside just now: a worker holds their command under lease."""
    return int(fetch_rows(OUTSIDE, [list(sessions)])[0][0])


def waiting_mail() -> int:
    """Deliveries that are due and not done."""
    return int(fetch_rows(WAITING_MAIL)[0][0])
