"""The addresses that belong to no department."""

from django.urls import path

from shop.http import health, metrics, pages

urlpatterns = [
    path("", pages.index, name="index"),
    path("api/schema/", pages.SchemaView.as_view(), name="api-schema"),
    path("api/docs/", pages.DocsView.as_view(), name="api-docs"),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", metrics.metrics),
]
