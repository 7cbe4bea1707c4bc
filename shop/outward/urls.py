"""The addresses of webhook endpoints."""

from django.urls import URLPattern, path

from shop.http.routing import resource
from shop.outward import api

ENDPOINT = "webhook-endpoints/<uuid:endpoint_id>"

urlpatterns: list[URLPattern] = [
    path("webhook-endpoints", resource(api.CreateWebhookEndpointView, api.ListWebhookEndpointsView)),
    path(ENDPOINT, resource(api.GetWebhookEndpointView, api.UpdateWebhookEndpointView)),
    path(f"{ENDPOINT}/enable", resource(api.EnableWebhookEndpointView)),
    path(f"{ENDPOINT}/disable", resource(api.DisableWebhookEndpointView)),
    path(f"{ENDPOINT}/secret", resource(api.RotateWebhookSecretView)),
    path(f"{ENDPOINT}/test", resource(api.SendTestWebhookView)),
    path(f"{ENDPOINT}/sendings", resource(api.ListWebhookSendingsView)),
    path("webhook-sendings/<uuid:sending_id>/redeliver", resource(api.RedeliverWebhookView)),
]
