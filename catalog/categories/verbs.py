"""What an operator can do to the tree of categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from catalog.categories.models import DEEPEST, Category
from shop.console.verbs import CommandVerb, ReasonForm
from shop.contracts.base import Command
from shop.contracts.categories import CreateCategory, DeleteCategory, MoveCategory, RenameCategory

MOST_OFFERED = 500


def places() -> list[tuple[str, str]]:
    """Where a category can hang, in the order of the tree."""
    rows = Category.objects.filter(depth__lt=DEEPEST - 1).order_by("path").values_list("id", "name", "depth")[:MOST_OFFERED]
    return [("", "at the top"), *((str(key), f"{'- ' * depth}{name}") for key, name, depth in rows)]


class NameForm(ReasonForm):
    """What it is called."""

    name = forms.CharField(
        max_length=200, widget=UnfoldAdminTextInputWidget, help_text="Unique in the whole tree: products know only the name."
    )
    field_order: Sequence[str] = ("name", "reason")


class PlaceForm(ReasonForm):
    """Where it hangs."""

    parent = forms.ChoiceField(label="Below", required=False, choices=places, widget=UnfoldAdminSelectWidget)
    field_order: Sequence[str] = ("parent", "reason")


class NewForm(NameForm):
    """Its name and place."""

    parent = forms.ChoiceField(label="Below", required=False, choices=places, widget=UnfoldAdminSelectWidget)
    field_order: Sequence[str] = ("name", "parent", "reason")


class CategoryVerb(CommandVerb):
    """A verb on one category."""

    bulk = False

    def snapshot(self, row: Category) -> dict[str, Any]:
        return {"name": row.name, "path": row.path}


class Create(CategoryVerb):
    """Add one."""

    name, label, icon = "create", "Add a category", "add"
    meaning = "Adds a category. A name that a product brings becomes one by itself."
    form: ClassVar[type[forms.Form]] = NewForm
    on_list = True

    def command(self, row: None, given: Mapping[str, Any]) -> Command:
        return CreateCategory.read_data({"name": given["name"], **_parent(given)})

    def target_of(self, answer: Any) -> Any:
        return answer.category_id

    def sentence(self, row: None, answer: Any) -> str:
        return f"{answer.name} is at {answer.path}."


class Rename(CategoryVerb):
    """Call it something else."""

    name, label, icon, tone = "rename", "Rename", "edit", "good"
    meaning = "Its products follow in the background, and each says so."
    form: ClassVar[type[forms.Form]] = NameForm

    def initial(self, row: Category | None) -> dict[str, Any]:
        return {"name": row.name} if row else {}

    def command(self, row: Category, given: Mapping[str, Any]) -> Command:
        return RenameCategory(category_id=row.pk, name=given["name"])

    def sentence(self, row: Category, answer: Any) -> str:
        return f"is called {answer.name}; its products follow."


class Move(CategoryVerb):
    """Hang it elsewhere."""

    name, label, icon = "move", "Move", "drive_file_move"
    meaning = "Moves it with everything below it. Products stay as they are."
    form: ClassVar[type[forms.Form]] = PlaceForm

    def initial(self, row: Category | None) -> dict[str, Any]:
        return {"parent": str(row.parent_id or "")} if row else {}

    def command(self, row: Category, given: Mapping[str, Any]) -> Command:
        return MoveCategory.read_data({"categoryId": str(row.pk), **_parent(given)})

    def sentence(self, row: Category, answer: Any) -> str:
        return f"is at {answer.path}."


class Delete(CategoryVerb):
    """Remove it."""

    name, label, icon, tone = "delete", "Delete", "delete", "bad"
    meaning = "Removes a category that has neither products nor categories below it."

    def command(self, row: Category, given: Mapping[str, Any]) -> Command:
        return DeleteCategory(category_id=row.pk)

    def sentence(self, row: Category, answer: Any) -> str:
        return "is gone."


def _parent(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"parentId": given["parent"]} if given["parent"] else {}


VERBS = (Create(), Rename(), Move(), Delete())
