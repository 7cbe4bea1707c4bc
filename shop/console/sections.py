"""What a page about one thing is made of. Templates draw them; departments only say what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Facts:
    """Named values, side by side."""

    title: str
    facts: Sequence[tuple[str, Any]]
    template: str = "console/sections/facts.html"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; ``empty`` says why there are none."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    empty: str = "Nothing here."
    note: str = ""
    template: str = "console/sections/table.html"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence in a box. ``tone``: plain, good, busy, warn or bad."""

    text: str
    tone: str = "plain"
    title: str = ""
    template: str = "console/sections/said.html"


@dataclass(frozen=True, slots=True)
class Document:
    """A payload or another long text, as it is."""

    title: str
    text: str
    open: bool = True
    template: str = "console/sections/document.html"


@dataclass(frozen=True, slots=True)
class Detail:
    """One foldable part of a timeline entry: what went in, came out, or went wrong."""

    label: str
    text: str


@dataclass(slots=True)
class Entry:
    """One thing that happened, or that will."""

    at: datetime
    icon: str
    title: str
    tone: str = "plain"
    sentence: str = ""
    took: str = ""
    who: str = ""
    url: str = ""
    badges: list[tuple[str, str]] = field(default_factory=list)
    details: list[Detail] = field(default_factory=list)


FIRST_DRAWN: Final = 50
LAST_DRAWN: Final = 150


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that happened, the oldest first; ``next`` says what comes and when. Of very much only both ends are drawn."""

    title: str
    entries: Sequence[Entry]
    next: str = ""
    empty: str = "Nothing has happened yet."
    template: str = "console/sections/timeline.html"

    @property
    def left_out(self) -> int:
        """How many entries between both ends are not drawn."""
        return max(0, len(self.entries) - FIRST_DRAWN - LAST_DRAWN)

    @property
    def parts(self) -> Sequence[Sequence[Entry]]:
        """What is drawn: everything, or how it began and what happened last."""
        return [self.entries[:FIRST_DRAWN], self.entries[-LAST_DRAWN:]] if self.left_out else [self.entries]


@dataclass(frozen=True, slots=True)
class Node:
    """One message in the chain, and what followed from it."""

    title: str
    url: str
    tone: str
    at: datetime
    note: str
    here: bool
    children: Sequence[Node]


@dataclass(frozen=True, slots=True)
class Tree:
    """What caused and followed one message."""

    title: str
    roots: Sequence[Node]
    note: str = ""
    template: str = "console/sections/tree.html"


@dataclass(frozen=True, slots=True)
class Progress:
    """Work that is under way. The page asks ``watch`` for news by itself, and shows itself anew once the work has ended."""

    title: str
    percent: int
    text: str
    watch: str = ""
    template: str = "console/sections/progress.html"


@dataclass(frozen=True, slots=True)
class PagedTable:
    """A page of rows that are too many to show at once; ``views`` are (label, address, whether it is this one)."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    views: Sequence[tuple[str, str, bool]] = ()
    links: Sequence[tuple[str, str]] = ()
    first: str = ""
    following: str = ""
    empty: str = "Nothing here."
    template: str = "console/sections/paged_table.html"
