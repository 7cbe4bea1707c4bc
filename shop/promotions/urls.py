"""The addresses of promotions."""

from django.urls import URLPattern, path

from shop.http.routing import resource
from shop.promotions.api import CalculateDiscountView

urlpatterns: list[URLPattern] = [path("discounts/calculate", resource(CalculateDiscountView))]
