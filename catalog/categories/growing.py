"""The tree grows by itself: a name that a product brings and nobody has seen becomes a root, until somebody moves it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from django.utils.text import slugify
from uuid_utils.compat import uuid7

from catalog.categories.models import Category
from shop.messaging.sets import Column, fetch_rows, insert_rows

COLUMNS: Final[tuple[Column, ...]] = (
    ("id", "uuid"),
    ("name", "text"),
    ("slug", "text"),
    ("path", "text"),
    ("depth", "smallint"),
    ("version", "integer"),
)
TAKEN: Final = "SELECT path FROM catalog_category WHERE path = ANY(%s)"
KNOWN: Final = "SELECT name FROM catalog_category WHERE name = ANY(%s)"
MOST_TRIES: Final = 100


def make_sure_of(names: Collection[str]) -> None:
    """Every one of these names has its place in the tree. Two who bring the same name at once both get their way."""
    for make in (_root, _root_of_its_own):
        known = {name for (name,) in fetch_rows(KNOWN, [sorted(names)])} if names else set()
        missing = sorted(set(names) - known - {""})
        if not missing:
            return
        insert_rows(Category._meta.db_table, COLUMNS, [make(name) for name in missing], tail="ON CONFLICT DO NOTHING")


def free_path(name: str, parent: Category | None, *, own: str = "") -> tuple[str, str]:
    """A slug for ``name`` below ``parent`` and the path it leads to, which nobody has, or who asks has already."""
    candidates = list(_candidates(name, parent))
    taken = {path for (path,) in fetch_rows(TAKEN, [[path for _, path in candidates]])} - {own}
    return next((slug, path) for slug, path in candidates if path not in taken)


def _candidates(name: str, parent: Category | None) -> Iterator[tuple[str, str]]:
    plain = slug_of(name)
    above = f"{parent.path}/" if parent else ""
    for number in range(1, MOST_TRIES):
        slug = plain if number == 1 else f"{plain}-{number}"
        yield slug, f"{above}{slug}"
    slug = f"{plain}-{uuid7().hex[-12:]}"
    yield slug, f"{above}{slug}"


def slug_of(name: str) -> str:
    """What addresses call it; letters of any language stay."""
    return slugify(name, allow_unicode=True)[:150] or "category"


def _root(name: str) -> list[object]:
    slug = slug_of(name)
    return [uuid7(), name, slug, slug, 0, 1]


def _root_of_its_own(name: str) -> list[object]:
    """For a name whose slug another one has, perhaps since a moment ago."""
    key = uuid7()
    slug = f"{slug_of(name)}-{key.hex[-12:]}"
    return [key, name, slug, slug, 0, 1]
