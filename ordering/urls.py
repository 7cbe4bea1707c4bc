"""Every address of the ordering department."""

from django.urls import include, path

urlpatterns = [
    path("", include("ordering.checkout.urls")),
    path("", include("ordering.orders.urls")),
]
