"""Learning from completed orders who has really bought what. A review written before is marked afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from reviews.purchases.models import Purchase
from shop.contracts.ordering.events import OrderCompleted
from shop.contracts.ordering.orders import GetOrder
from shop.messaging.bus import ask
from shop.messaging.envelope import Envelope
from shop.messaging.sets import insert_rows, run

COLUMNS: Final = (("customer_id", "uuid"), ("product_id", "uuid"), ("order_id", "uuid"), ("completed_at", "timestamptz"))
VERIFY: Final = """
    UPDATE reviews_review SET verified = true WHERE id IN (
        SELECT r.id FROM reviews_review r JOIN unnest(%s::uuid[], %s::uuid[]) AS p(customer_id, product_id)
          ON p.customer_id = r.customer_id AND p.product_id = r.product_id
        WHERE NOT r.verified ORDER BY r.id FOR UPDATE OF r)
"""


def remember(batch: Sequence[Envelope[OrderCompleted]]) -> None:
    """Every product of these orders, once per customer. The lines come from the orders themselves, which the event leaves out."""
    bought: dict[tuple[Any, Any], tuple[Any, ...]] = {}
    for envelope in sorted(batch, key=lambda one: one.message.completed_at):
        told = envelope.message
        for item in ask(GetOrder(order_id=told.order_id)).items:
            bought.setdefault((told.customer_id, item.product_id), (told.order_id, told.completed_at))
    rows = [(*who_what, *where_when) for who_what, where_when in sorted(bought.items())]
    insert_rows(Purchase._meta.db_table, COLUMNS, rows, tail="ON CONFLICT DO NOTHING")
    if rows:
        run(VERIFY, [[row[0] for row in rows], [row[1] for row in rows]])
