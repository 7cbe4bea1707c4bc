"""The address of a checkout."""

from django.urls import path

from ordering.checkout.api import GetCheckoutView
from shop.http.routing import resource

urlpatterns = [
    path("checkouts/<uuid:checkout_session_id>", resource(GetCheckoutView)),
]
