"""What Unfold makes anew for every row of a list and is the same in all of them: the headings, and a box to choose the row.

Both render a form widget. For fifty rows that was more than half of the time a list took.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, Final

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from unfold.admin import checkbox
from unfold.templatetags import unfold_list

PLACE: Final = "place-of-the-key"
KEPT: Final = "_headings_of_the_list"


@cache
def _around() -> tuple[str, str]:
    before, _, after = checkbox.render(ACTION_CHECKBOX_NAME, PLACE).partition(PLACE)
    return before, after


def row_checkbox(key: object) -> SafeString:
    """Unfold's own checkbox with this key as its value."""
    before, after = _around()
    return mark_safe(f"{before}{escape(key)}{after}")  # noqa: S308 - escaped, between what the widget rendered


def once_per_list(headings: Callable[[Any], Iterable[Any]]) -> Callable[[Any], Sequence[Any]]:
    """The same headings, made once per list and not once per row."""

    def kept(changelist: Any) -> Sequence[Any]:
        if not hasattr(changelist, KEPT):
            setattr(changelist, KEPT, list(headings(changelist)))
        found: Sequence[Any] = getattr(changelist, KEPT)
        return found

    return kept


def install() -> None:
    """Called once, when the apps are ready."""
    unfold_list.result_headers = once_per_list(unfold_list.result_headers)
