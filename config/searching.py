"""Search across all screens by the term's shape: every table is asked by its index or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from shop.console.base import OpsModelAdmin
from shop.console.terms import read_term

PER_SCREEN: Final = 10
FEW: Final = 4
# Named by id alone, these would answer to everything in a chain; they come last.
LAST: Final = ("messaging",)


@dataclass(frozen=True, slots=True)
class Found:
    """One row that answers to the term."""

    kind: str
    label: str
    state: Any
    url: str


def found_for(request: HttpRequest, typed: str) -> list[Found]:
    """What this person may see that answers to ``typed``, at most ``PER_SCREEN`` per screen."""
    term = read_term(typed)
    if not term.text:
        return []
    found: list[Found] = []
    for screen in _screens(request):
        most = FEW if screen.opts.app_label in LAST else PER_SCREEN
        rows = list(screen.search(screen.get_queryset(request), term)[:most])
        kind = screen.opts.verbose_name.capitalize()
        found += [Found(kind, screen.label_of(row), screen.state_of(row), screen.url_of(row.pk)) for row in rows]
    return found


def _screens(request: HttpRequest) -> list[OpsModelAdmin]:
    screens = [one for one in admin.site._registry.values() if isinstance(one, OpsModelAdmin) and one.search_fields]
    screens.sort(key=lambda one: one.opts.app_label in LAST)
    return [one for one in screens if one.has_view_permission(request)]


def command_search(request: HttpRequest, typed: str) -> list[SearchResult]:
    """The same for the command palette (Ctrl+K)."""
    results = [SearchResult(one.label, one.kind, one.url, "arrow_forward") for one in found_for(request, typed)]
    everywhere = SearchResult(f"Find “{typed[:60]}” everywhere", "Search", f"{reverse('admin:find')}?q={typed[:60]}", "search")
    return [*results, everywhere]
