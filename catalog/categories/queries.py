"""What the catalogue tells about its categories."""

from __future__ import annotations

from catalog.categories.models import Category
from catalog.categories.tree import below, view_of
from shop.contracts.categories import CategoryPage, GetCategories
from shop.messaging.sets import select

UNDER = "WHERE path > %s AND path LIKE %s ESCAPE '!' ORDER BY path LIMIT %s"
ALL = "WHERE path > %s ORDER BY path LIMIT %s"


def get_categories(query: GetCategories) -> CategoryPage:
    """The tree in the order of its paths, parents before what is below them, at most ``limit`` at a time."""
    after = query.after or ""
    if query.under:
        rows = select(Category, UNDER, [after, below(query.under), query.limit])
    else:
        rows = select(Category, ALL, [after, query.limit])
    return CategoryPage(categories=[view_of(row) for row in rows])


def path_of(name: str) -> str | None:
    """Where the category of this name is in the tree."""
    return Category.objects.filter(name=name).values_list("path", flat=True).first() if name else None
