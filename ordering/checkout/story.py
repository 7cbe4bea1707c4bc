"""The page of one checkout: the sentence, the facts, and a timeline of everything every department did in its chain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ordering.checkout.models import CheckoutSession
from ordering.checkout.saga import Checkout
from shop.console.directory import link_to
from shop.console.formats import as_json, badge, code, duration, moment, money
from shop.console.sagas.screen import said_of, timeline_of
from shop.console.sections import Document, Facts
from shop.messaging.saga.declaration import COMPLETED


def sections_of(row: Any, customer: str | None) -> Sequence[Any]:
    """Everything an operator asks about one checkout, in the order of asking."""
    return (
        said_of(row),
        Facts("Checkout", _facts(row, customer)),
        timeline_of(Checkout, row, targets_of(row)),
        Document("What it has learnt", as_json(row.facts), open=False),
        Document("The cart it started from", as_json(json.loads(row.opening)), open=False),
    )


def targets_of(row: CheckoutSession) -> tuple[str, ...]:
    """The ids under which operators may have acted on what belongs to this checkout."""
    return tuple(str(one) for one in (row.pk, row.order_id, row.payment_id, row.reservation_id, row.cart_id))


def _facts(row: CheckoutSession, customer: str | None) -> Sequence[tuple[str, Any]]:
    return (
        ("Total", money(row.total, row.currency)),
        ("Customer", link_to("customer", row.customer_id, customer)),
        ("Order", link_to("order", row.order_id, row.order_id) if row.state == COMPLETED else code(row.order_id)),
        ("Payment", link_to("payment", row.payment_id, row.payment_id)),
        ("Reservation", link_to("reservation", row.reservation_id, row.reservation_id)),
        ("Cart", link_to("cart", row.cart_id, row.cart_id)),
        ("Reason", badge(row.reason, "warn") if row.reason else "—"),
        ("Started", moment(row.started_at, full=True)),
        ("Last change", moment(row.updated_at, full=True)),
        ("Deadline", moment(row.due_at, full=True)),
        ("Took", duration(row.started_at, row.finished_at)),
        ("Version", row.version),
    )
