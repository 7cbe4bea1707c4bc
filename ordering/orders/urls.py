"""The addresses of orders."""

from django.urls import path

from ordering.orders.api import (
    AmendOrderView,
    CancelOrderView,
    ChangeDeliveryAddressView,
    CreateOrderView,
    GetAmendmentView,
    GetArchivedOrderView,
    GetOrderStatusHistoryView,
    GetOrderView,
    ListOrdersView,
    PreviewAmendmentView,
)
from shop.http.routing import resource

urlpatterns = [
    path("orders", resource(ListOrdersView, CreateOrderView)),
    path("orders/<uuid:order_id>", resource(GetOrderView)),
    path("orders/<uuid:order_id>/amendments", resource(AmendOrderView)),
    path("orders/<uuid:order_id>/amendments/preview", resource(PreviewAmendmentView)),
    path("orders/<uuid:order_id>/amendments/<uuid:change_id>", resource(GetAmendmentView)),
    path("orders/<uuid:order_id>/archive", resource(GetArchivedOrderView)),
    path("orders/<uuid:order_id>/cancel", resource(CancelOrderView)),
    path("orders/<uuid:order_id>/delivery-address", resource(ChangeDeliveryAddressView)),
    path("orders/<uuid:order_id>/history", resource(GetOrderStatusHistoryView)),
]
