"""The addresses of stock and reservations."""

from django.urls import URLPattern, path

from fulfilment.inventory.api import ReleaseInventoryView, ReserveInventoryView, StockLevelView
from shop.http.routing import resource

urlpatterns: list[URLPattern] = [
    path("stock/<str:product_id>", resource(StockLevelView)),
    path("reservations", resource(ReserveInventoryView)),
    path("reservations/<str:reservation_id>/release", resource(ReleaseInventoryView)),
]
