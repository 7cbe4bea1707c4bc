"""The addresses of pictures."""

from django.urls import URLPattern, path

from catalog.images.api import AddProductImageView, ArrangeProductImagesView, RemoveProductImageView
from catalog.images.serving import picture
from shop.http.routing import resource

urlpatterns: list[URLPattern] = [
    path("products/<str:product_id>/images", resource(AddProductImageView)),
    path("products/<str:product_id>/images/order", resource(ArrangeProductImagesView)),
    path("products/<str:product_id>/images/<str:image_id>", resource(RemoveProductImageView)),
    path("media/products/<path:name>", picture),
]
