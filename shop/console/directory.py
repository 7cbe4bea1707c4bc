"""What the console can link to and look up, by kind (``order``, ``customer``). Departments enter themselves by name here, so that
one can show another's things without knowing its tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html_join

from shop.console.formats import link, short

Names = Callable[[Collection[UUID]], Mapping[UUID, str]]
Find = Callable[[str], Sequence[UUID]]

MOST_FOUND = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: its screen, who may see it, what its rows are called, and how to find them by a term people know."""

    name: str
    screen: str
    permission: str
    names: Names | None = None
    find: Find | None = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Enter a kind; the last word counts."""
    _kinds[kind.name] = kind


def url_of(kind: str, identifier: object) -> str | None:
    """The page of one thing, or ``None`` for a kind that has no screen."""
    entry = _kinds.get(kind)
    return reverse(f"admin:{entry.screen}_change", args=[identifier]) if entry and identifier else None


def link_to(kind: str, identifier: object, text: object | None = None) -> Any:
    """A link to one thing, or a dash when there is none."""
    if not identifier:
        return "—"
    return link(url_of(kind, identifier), text or short(identifier))


def links_about(kind: str, identifier: object) -> Any:
    """Links to everything of this kind that belongs to one thing of another department, or a dash."""
    found = find(kind, str(identifier))
    names = names_of(kind, found)
    return format_html_join(", ", "{}", ((link_to(kind, one, names.get(one)),) for one in found)) if found else "—"


def names_of(kind: str, identifiers: Collection[UUID | None]) -> Mapping[UUID, str]:
    """What these are called, in one query; unknown ones are missing."""
    entry = _kinds.get(kind)
    wanted = {identifier for identifier in identifiers if identifier is not None}
    return entry.names(wanted) if entry and entry.names and wanted else {}


def find(kind: str, term: str) -> Sequence[UUID]:
    """Ids of the things of this kind that people would call ``term``, at most ``MOST_FOUND``."""
    entry = _kinds.get(kind)
    return entry.find(term)[:MOST_FOUND] if entry and entry.find else []
