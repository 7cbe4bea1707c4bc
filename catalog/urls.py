"""The addresses of the catalogue."""

from django.urls import include, path

urlpatterns = [
    path("", include("catalog.products.urls")),
    path("", include("catalog.images.urls")),
    path("", include("catalog.categories.urls")),
    path("", include("catalog.uploads.urls")),
    path("", include("catalog.feeds.urls")),
    path("", include("catalog.search.urls")),
]
