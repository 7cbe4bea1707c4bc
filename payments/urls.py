"""Every address of the payments department."""

from django.urls import path

from payments.api import AuthorizePaymentView, GetPaymentView, StripeWebhookView
from shop.http.routing import resource

urlpatterns = [
    path("payments/authorize", resource(AuthorizePaymentView)),
    path("payments/<uuid:payment_id>", resource(GetPaymentView)),
    path("webhooks/stripe", StripeWebhookView.as_view(), name="stripe-webhook"),
]
