"""The address of uploads."""

from django.urls import URLPattern, path

from catalog.uploads.api import UploadView

urlpatterns: list[URLPattern] = [path("uploads", UploadView.as_view())]
