"""The page of one change: the sentence, what it asks for, and a timeline of everything every department did in its chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ordering.amending.models import AmendmentRun
from ordering.amending.requests import opening
from ordering.amending.saga import Amendment
from shop.console.directory import link_to, names_of
from shop.console.formats import as_json, badge, duration, moment, money
from shop.console.sagas.screen import said_of, timeline_of
from shop.console.sections import Document, Facts, Table
from shop.contracts.ordering.amending import OrderAmendmentRequested


def sections_of(row: Any, order_name: str | None) -> Sequence[Any]:
    """Everything an operator asks about one change, in the order of asking."""
    wanted = opening(row)
    return (
        said_of(row),
        Facts("Change", _facts(row, wanted, order_name)),
        _stock(wanted),
        timeline_of(Amendment, row, (str(row.pk), str(row.order_id))),
        Document("What it has learnt", as_json(row.facts), open=False),
    )


def _facts(row: AmendmentRun, wanted: OrderAmendmentRequested, order_name: str | None) -> Sequence[tuple[str, Any]]:
    more = money(wanted.difference, wanted.currency) if wanted.difference else "nothing"
    return (
        ("Order", link_to("order", row.order_id, order_name)),
        ("To be charged more", more),
        ("Payment of the difference", link_to("payment", wanted.payment_id if wanted.difference else None)),
        ("Reservation", link_to("reservation", wanted.reservation_id)),
        ("Reason", badge(row.reason, "warn") if row.reason else "—"),
        ("Asked", moment(row.started_at, full=True)),
        ("Last change", moment(row.updated_at, full=True)),
        ("Deadline", moment(row.due_at, full=True)),
        ("Took", duration(row.started_at, row.finished_at)),
        ("Version", row.version),
    )


def _stock(wanted: OrderAmendmentRequested) -> Table:
    """What is reserved while it is under way: the larger of before and after, so that either can be had."""
    before = {item.product_id: item.quantity for item in wanted.previous_items}
    during = {item.product_id: item.quantity for item in wanted.items}
    names = names_of("product", {*before, *during})
    rows = [
        (link_to("product", product, names.get(product)), before.get(product, 0), during.get(product, 0))
        for product in dict.fromkeys([*before, *during])
    ]
    return Table(
        "Stock it asks for",
        ("Product", "Reserved before", "Reserved while it is under way"),
        rows,
        empty="It asks for no stock.",
    )
