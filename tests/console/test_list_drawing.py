"""What is drawn once per list is what Unfold would have drawn in every row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

from unfold.admin import ModelAdmin
from unfold.templatetags import unfold_list

from shop.console.checkboxes import once_per_list, row_checkbox
from shop.console.sections import Entry, Timeline


def test_a_row_has_unfolds_own_checkbox_with_its_key() -> None:
    for key in ("0196c0de-0000-7000-8000-000000000000", 17, "<b>'\"&"):
        assert row_checkbox(key) == ModelAdmin.action_checkbox(None, SimpleNamespace(pk=key))


def test_headings_are_made_once_per_list() -> None:
    asked = []

    def headings(changelist: object) -> Iterator[str]:
        asked.append(changelist)
        yield from ("one", "two")

    made = once_per_list(headings)
    first, second = SimpleNamespace(), SimpleNamespace()

    assert [list(made(each)) for each in (first, first, second)] == [["one", "two"]] * 3
    assert asked == [first, second]
    assert unfold_list.result_headers.__name__ == "kept"  # installed


def test_of_a_very_long_timeline_both_ends_are_drawn() -> None:
    entries = [Entry(at=datetime(2026, 1, 1, tzinfo=UTC), icon="send", title=str(number), tone="plain") for number in range(230)]

    whole, cut = Timeline("Timeline", entries[:200]), Timeline("Timeline", entries)

    assert ([list(part) for part in whole.parts], whole.left_out) == ([entries[:200]], 0)
    assert ([len(part) for part in cut.parts], cut.left_out) == ([50, 150], 30)
    assert cut.parts[-1][-1] is entries[-1]
