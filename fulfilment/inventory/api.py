"""Stock levels and reservations over HTTP, for staff and services."""

from __future__ import annotations

from shop.contracts.fulfilment import GetStockLevel, ReleaseInventory
from shop.contracts.ordering import ReserveInventory
from shop.http.permissions import IsStaffOrService
from shop.http.views import CommandView, QueryView


class StockLevelView(QueryView):
    """How much of a product can still be promised."""

    query = GetStockLevel
    permission_classes = (IsStaffOrService,)


class ReserveInventoryView(CommandView):
    """Set items aside for a cart."""

    command = ReserveInventory
    permission_classes = (IsStaffOrService,)


class ReleaseInventoryView(CommandView):
    """Let go of a reservation."""

    command = ReleaseInventory
    permission_classes = (IsStaffOrService,)
