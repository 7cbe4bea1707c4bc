"""Categories over HTTP: everybody reads the tree, staff and services with ``catalog:write`` change it."""

from __future__ import annotations

from shop.contracts.categories import CreateCategory, DeleteCategory, GetCategories, MoveCategory, RenameCategory
from shop.http.permissions import IsStaffOrService, Public
from shop.http.views import CommandView, QueryView


class GetCategoriesView(QueryView):
    """``GET /categories``"""

    query = GetCategories
    permission_classes = (Public,)


class CreateCategoryView(CommandView):
    """``POST /categories``"""

    command = CreateCategory
    permission_classes = (IsStaffOrService,)


class RenameCategoryView(CommandView):
    """``PATCH /categories/{categoryId}``"""

    command = RenameCategory
    permission_classes = (IsStaffOrService,)


class MoveCategoryView(CommandView):
    """``POST /categories/{categoryId}/move``"""

    command = MoveCategory
    permission_classes = (IsStaffOrService,)


class DeleteCategoryView(CommandView):
    """``DELETE /categories/{categoryId}``"""

    command = DeleteCategory
    permission_classes = (IsStaffOrService,)
