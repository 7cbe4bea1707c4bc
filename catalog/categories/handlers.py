"""Changes to the tree of categories."""

from __future__ import annotations

from uuid_utils.compat import uuid7

from catalog.categories import tree
from catalog.categories.growing import free_path
from catalog.categories.models import Category
from shop.contracts.categories import CategoryView, CreateCategory, DeleteCategory, MoveCategory, RenameCategory
from shop.contracts.products import RefileProducts
from shop.messaging.bus import send
from shop.messaging.errors import Refused


def create_category(command: CreateCategory) -> CategoryView:
    """Add a category. Raises ``Invalid`` (400) for a parent that is not there, ``Refused`` (409) for a name in use."""
    tree.take_turn()
    name, parent = tree.checked_name(command.name), tree.parent_of(command.parent_id)
    slug, path = free_path(name, parent)
    row = Category(id=uuid7(), name=name, slug=slug, path=path, parent=parent, depth=parent.depth + 1 if parent else 0)
    row.save(force_insert=True)
    return tree.view_of(row)


def rename_category(command: RenameCategory) -> CategoryView:
    """Rename it; its products follow by mail.

    Raises ``Missing`` (404), ``Invalid`` (400), ``Refused`` (409) for a name in use.
    """
    tree.take_turn()
    row = tree.category(command.category_id)
    former, name = row.name, tree.checked_name(command.name, but=row.pk)
    if name != former:
        tree.rename(row, name)
        send(RefileProducts(former_name=former, name=name))
    return tree.view_of(row)


def move_category(command: MoveCategory) -> CategoryView:
    """Move it with all below it. Raises ``Missing`` (404), ``Invalid`` (400), ``Refused`` (409) for a place below itself."""
    tree.take_turn()
    row = tree.category(command.category_id)
    if row.parent_id != command.parent_id:
        tree.hang(row, tree.parent_of(command.parent_id))
    return tree.view_of(row)


def delete_category(command: DeleteCategory) -> None:
    """Remove an empty category. Raises ``Missing`` (404), ``Refused`` (409) while it has products or categories below it."""
    tree.take_turn()
    row = tree.category(command.category_id)
    if Category.objects.filter(parent=row).exists():
        raise Refused("category_not_empty", "There are categories below it: move or delete those first.")
    if tree.has_products(row):
        raise Refused("category_not_empty", "Products are in it: give them another category first.")
    row.delete()
