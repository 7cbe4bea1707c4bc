"""The peers' only address, and the one that says the server is up."""

from django.urls import path

from config.bench.peers import views

urlpatterns = [
    path("health/live", views.live),
    path("orders", views.place),
]
