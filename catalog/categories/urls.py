"""The addresses of categories."""

from django.urls import URLPattern, path

from catalog.categories.api import (
    CreateCategoryView,
    DeleteCategoryView,
    GetCategoriesView,
    MoveCategoryView,
    RenameCategoryView,
)
from shop.http.routing import resource

urlpatterns: list[URLPattern] = [
    path("categories", resource(GetCategoriesView, CreateCategoryView)),
    path("categories/<str:category_id>", resource(RenameCategoryView, DeleteCategoryView)),
    path("categories/<str:category_id>/move", resource(MoveCategoryView)),
]
