"""The addresses of imports and exports."""

from django.urls import URLPattern, path

from catalog.feeds.api import (
    ApplyProductImportView,
    CancelProductImportView,
    ExportProductsView,
    GetProductImportRowsView,
    GetProductImportView,
    ImportErrorsView,
    StartProductImportView,
)
from shop.http.routing import resource

urlpatterns: list[URLPattern] = [
    path("product-imports", resource(StartProductImportView)),
    path("product-imports/<str:import_id>", resource(GetProductImportView)),
    path("product-imports/<str:import_id>/rows", resource(GetProductImportRowsView)),
    path("product-imports/<str:import_id>/apply", resource(ApplyProductImportView)),
    path("product-imports/<str:import_id>/cancel", resource(CancelProductImportView)),
    path("product-imports/<str:import_id>/errors", ImportErrorsView.as_view()),
    path("exports/products", ExportProductsView.as_view()),
]
