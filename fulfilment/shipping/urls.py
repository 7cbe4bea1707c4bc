"""The addresses of shipments."""

from django.urls import path

from fulfilment.shipping.api import CarrierWebhookView, CreateShipmentView, GetOrderShipmentView, GetShipmentView
from shop.http.routing import resource

urlpatterns = [
    path("shipments", resource(CreateShipmentView)),
    path("shipments/<uuid:shipment_id>", resource(GetShipmentView)),
    path("orders/<uuid:order_id>/shipment", resource(GetOrderShipmentView)),
    path("webhooks/carrier", CarrierWebhookView.as_view(), name="carrier-webhook"),
]
