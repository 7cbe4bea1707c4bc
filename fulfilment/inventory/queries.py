"""What the inventory answers. Reads only."""

from __future__ import annotations

from django.db.models.functions import Now

from fulfilment.inventory.models import Reservation, StockItem
from fulfilment.inventory.states import ReservationStatus
from shop.contracts.fulfilment import GetStockLevel, GetStockLevels, StockLevels, StockLevelView
from shop.messaging.errors import Missing


def get_stock_level(query: GetStockLevel) -> StockLevelView:
    """How much of one product there is. Raises ``Missing`` for one that was never stocked."""
    item = StockItem.objects.filter(product_id=query.product_id).first()
    if item is None:
        raise Missing("stock_not_found", "This product was never stocked.")
    return _view(item)


def get_stock_levels(query: GetStockLevels) -> StockLevels:
    """How much of each product there is, by product id; one that was never stocked is missing."""
    found = StockItem.objects.filter(product_id__in=query.product_ids).order_by("product_id")
    return StockLevels(levels=[_view(item) for item in found])


def count_overdue() -> int:
    """How many reservations hold stock although their time is up, by the database's clock."""
    overdue = Reservation.objects.filter(status=ReservationStatus.HELD, order_bound=False, expires_at__lt=Now())
    return overdue.count()


def _view(item: StockItem) -> StockLevelView:
    return StockLevelView(
        product_id=item.product_id,
        available=item.available,
        reserved=item.reserved,
        on_hand=item.on_hand,
        low_stock_threshold=item.low_stock_threshold,
    )
