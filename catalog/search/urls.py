"""The address of the search."""

from django.urls import URLPattern, path

from catalog.search.api import SearchProductsView

urlpatterns: list[URLPattern] = [path("search/products", SearchProductsView.as_view())]
