"""Changes to the tree. There are few, so they take turns: each sees the whole tree as it is."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from catalog.categories.growing import free_path
from catalog.categories.models import DEEPEST, Category
from shop.contracts.categories import CategoryView
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.sets import fetch_rows, run

ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('catalog.categories'))"
# Everything below keeps its own slugs and follows with path and depth.
FOLLOW: Final = """
    UPDATE catalog_category SET path = %s || substr(path, %s), depth = depth + %s, version = version + 1
    WHERE path LIKE %s ESCAPE '!'
"""
DEEPEST_BELOW: Final = "SELECT coalesce(max(depth), 0) FROM catalog_category WHERE path LIKE %s ESCAPE '!'"
HAS_PRODUCTS: Final = "SELECT EXISTS (SELECT 1 FROM catalog_product WHERE category = %s AND deleted_at IS NULL)"


def take_turn() -> None:
    """Nobody else changes the tree until this transaction ends."""
    fetch_rows(ONE_AT_A_TIME)


def category(category_id: UUID) -> Category:
    """The category. Raises ``Missing`` (404)."""
    found = Category.objects.filter(pk=category_id).first()
    if found is None:
        raise Missing("category_not_found", "There is no such category.")
    return found


def parent_of(parent_id: UUID | None) -> Category | None:
    """Where something is to hang. Raises ``Invalid`` (400) for a category that is not there or too deep down already."""
    if parent_id is None:
        return None
    found = Category.objects.filter(pk=parent_id).first()
    if found is None:
        raise _bad_parent("There is no such category.")
    if found.depth + 1 >= DEEPEST:
        raise _too_deep()
    return found


def checked_name(name: str, *, but: UUID | None = None) -> str:
    """The name as it is kept. Raises ``Invalid`` (400) for none, ``Refused`` (409) for one that is taken."""
    kept = name.strip()
    if not kept:
        raise Invalid("invalid_category", "The category has no name.", errors={"name": ["A name has a visible character."]})
    if Category.objects.filter(name=kept).exclude(pk__in=[but] if but else []).exists():
        raise Refused("category_name_taken", "There is a category of this name; names are unique in the whole tree.")
    return kept


def hang(row: Category, parent: Category | None) -> None:
    """Put ``row`` with all below it under ``parent``.

    Raises ``Refused`` (409) for a place below itself, ``Invalid`` (400) for one too deep down.
    """
    if parent is not None and (parent.pk == row.pk or parent.path.startswith(f"{row.path}/")):
        raise Refused("category_cycle", "A category cannot hang below itself.")
    depth = parent.depth + 1 if parent else 0
    ((deepest,),) = fetch_rows(DEEPEST_BELOW, [below(row.path)])
    if max(deepest, row.depth) - row.depth + depth >= DEEPEST:
        raise _too_deep()
    slug, path = free_path(row.name, parent, own=row.path)
    _relocate(row, slug, path, depth - row.depth)
    row.parent = parent
    row.save(update_fields=["parent", "slug", "path", "depth", "version"])


def rename(row: Category, name: str) -> None:
    """Call it so, and let its slug and all paths below follow."""
    row.name = name
    slug, path = free_path(name, row.parent, own=row.path)
    _relocate(row, slug, path, 0)
    row.save(update_fields=["name", "slug", "path", "depth", "version"])


def has_products(row: Category) -> bool:
    """Whether any product carries its name."""
    return bool(fetch_rows(HAS_PRODUCTS, [row.name])[0][0])


def below(path: str) -> str:
    """The LIKE pattern for everything below this path (escape character ``!``)."""
    escaped = path.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"{escaped}/%"


def view_of(row: Category) -> CategoryView:
    """The category as published."""
    return CategoryView(category_id=row.pk, name=row.name, slug=row.slug, path=row.path, depth=row.depth, parent_id=row.parent_id)


def _relocate(row: Category, slug: str, path: str, deeper: int) -> None:
    if path != row.path or deeper:
        run(FOLLOW, [path, len(row.path) + 1, deeper, below(row.path)])
    row.slug, row.path, row.depth, row.version = slug, path, row.depth + deeper, row.version + 1


def _bad_parent(sentence: str) -> Invalid:
    return Invalid("invalid_category", sentence, errors={"parentId": [sentence]})


def _too_deep() -> Invalid:
    return _bad_parent(f"The tree is at most {DEEPEST} categories deep.")
