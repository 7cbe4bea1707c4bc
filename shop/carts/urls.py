"""The addresses of carts."""

from django.urls import URLPattern, path

from shop.carts.api import AddItemToCartView, CheckoutCartView, ClaimCartView, CreateCartView, GetCartView, RemoveItemFromCartView
from shop.http.routing import resource

urlpatterns: list[URLPattern] = [
    path("carts", resource(CreateCartView)),
    path("carts/<str:cart_id>", resource(GetCartView)),
    path("carts/<str:cart_id>/items", resource(AddItemToCartView)),
    path("carts/<str:cart_id>/items/<str:product_id>", resource(RemoveItemFromCartView)),
    path("carts/<str:cart_id>/claim", resource(ClaimCartView)),
    path("carts/<str:cart_id>/checkout", resource(CheckoutCartView)),
]
