"""Other lines and other totals for an order: what amendments and short picks come to in the end."""

from __future__ import annotations

from collections.abc import Sequence

from ordering.orders.models import Order, OrderLine
from ordering.orders.moving import Moves
from ordering.orders.totals import Terms
from shop.messaging.sets import write_fields


def rewrite(moves: Moves, order: Order, lines: Sequence[OrderLine], terms: Terms) -> None:
    """Bring lines, totals and revision to these terms. The order's row is locked and is written with ``moves``."""
    gone = [line.pk for line in lines if line.position not in terms.quantities]
    changed = [line for line in lines if line.quantity != terms.quantities.get(line.position, line.quantity)]
    for line in changed:
        line.quantity = terms.quantities[line.position]
    OrderLine.objects.filter(pk__in=gone).delete()
    write_fields(changed, ["quantity"])
    order.subtotal, order.discount, order.total = terms.subtotal, terms.discount, terms.total
    order.revision += 1
    moves.touch(order)
