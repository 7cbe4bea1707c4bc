"""Answers about changes of orders, and about archived ones. Reads only."""

from __future__ import annotations

from ordering.orders import amending, archiving
from ordering.orders.models import OrderAdjustment
from shop.contracts.ordering.amending import AmendmentPreview, AmendmentView, GetAmendment, PreviewAmendment
from shop.contracts.ordering.archiving import ArchivedOrder, GetArchivedOrder
from shop.messaging.errors import Missing


def preview_amendment(query: PreviewAmendment) -> AmendmentPreview:
    """What these changes would cost. Raises ``Missing``, ``Invalid`` or ``Refused``."""
    return amending.preview(query)


def get_amendment(query: GetAmendment) -> AmendmentView:
    """How one change of an order stands. Raises ``Missing``."""
    rows = OrderAdjustment.objects.filter(pk=query.change_id, order_id=query.order_id).select_related("order")
    if (change := rows.first()) is None:
        raise Missing("amendment_not_found", "There is no such change.")
    return amending.view(change, change.order)


def get_archived_order(query: GetArchivedOrder) -> ArchivedOrder:
    """An archived order as it was. Raises ``Missing`` or ``Unavailable``."""
    return archiving.restore(query)
