"""Catalogue: the tree of categories. What products carry, and everybody else reads, is a category's name."""

from typing import Annotated

from pydantic import Field

from shop.contracts.base import Command, Http, Part, Query
from shop.contracts.fields import Count, Limit, Name, RequiredName, Text, UpToMostItems, Uuid

OWNER = "product-platform"


class CategoryView(Part):
    """A category. ``path`` are the slugs from its root down to it: ``home/kitchen``."""

    category_id: Uuid
    name: Name
    slug: Name
    path: Text
    depth: Count
    parent_id: Uuid | None = None


class CategoryPage(Part):
    """Categories in the order of their paths; ask again after the last one's path for more."""

    categories: Annotated[list[CategoryView], UpToMostItems]


class CreateCategory(Command):
    """Add a category below another one, or at the top. Names are unique in the whole tree: products know only the name."""

    owner = OWNER
    http = Http("POST", "/categories", (201, 400, 404, 409))
    response = CategoryView

    name: RequiredName
    parent_id: Uuid | None = None


class RenameCategory(Command):
    """Give a category another name. Its products follow, each with a message of its own."""

    owner = OWNER
    key = "category_id"
    http = Http("PATCH", "/categories/{categoryId}", (200, 400, 404, 409))
    response = CategoryView

    category_id: Uuid
    name: RequiredName


class MoveCategory(Command):
    """Hang a category, with everything below it, below another one; without a parent it becomes a root."""

    owner = OWNER
    key = "category_id"
    http = Http("POST", "/categories/{categoryId}/move", (200, 400, 404, 409))
    response = CategoryView

    category_id: Uuid
    parent_id: Uuid | None = None


class DeleteCategory(Command):
    """Remove a category that has neither products nor categories below it."""

    owner = OWNER
    key = "category_id"
    http = Http("DELETE", "/categories/{categoryId}", (204, 404, 409))

    category_id: Uuid


class GetCategories(Query):
    """The tree, or what is below ``under`` (a path), page by page."""

    owner = OWNER
    http = Http("GET", "/categories", (200, 400))
    response = CategoryPage

    under: Text | None = None
    after: Text | None = None
    limit: Annotated[Limit, Field(le=200)] = 200
