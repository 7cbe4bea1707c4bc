"""The addresses of products."""

from django.urls import URLPattern, path

from catalog.products.api import AddVariantView, CreateProductView, DeleteProductView, GetProductView, UpdateProductView
from shop.http.routing import resource

urlpatterns: list[URLPattern] = [
    path("products", resource(CreateProductView)),
    path("products/<str:product_id>", resource(GetProductView, UpdateProductView, DeleteProductView)),
    path("products/<str:product_id>/variants", resource(AddVariantView)),
]
