"""Every address of the shop."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from shop.http.failures import page_not_found

handler400 = "shop.http.failures.bad_request"
handler403 = "shop.http.failures.permission_denied"
handler404 = "shop.http.failures.page_not_found"
handler500 = "shop.http.failures.server_error"

urlpatterns = [
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    path("", include("shop.customers.urls")),
    path("", include("shop.http.urls")),
    path("", include("shop.outward.urls")),
    path("", include("shop.carts.urls")),
    path("", include("shop.promotions.urls")),
    path("", include("catalog.urls")),
    path("", include("fulfilment.inventory.urls")),
    path("", include("fulfilment.shipping.urls")),
    path("", include("ordering.urls")),
    path("", include("payments.urls")),
    path("", include("reviews.urls")),
    # Last: what nobody serves is answered in the API's own way, also where DEBUG would show Django's page.
    re_path(r"^(?!static/|media/)", page_not_found),
]
