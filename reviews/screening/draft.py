"""What is known of a review when it is screened: the text, and what the database says about its author and its likes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from reviews.submissions.essence import plain


@dataclass(frozen=True)
class Draft:
    """A text as its author wrote it."""

    title: str
    body: str
    rating: int

    @cached_property
    def text(self) -> str:
        """Title and body in one."""
        return f"{self.title}\n{self.body}" if self.title else self.body

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its words, plain."""
        return tuple(plain(self.text).split())


@dataclass(frozen=True, slots=True)
class Twin:
    """The most similar of the reviews that it was compared with. ``likeness`` is pg_trgm's, from 0 to 1."""

    review_id: str
    likeness: float
    own: bool
    rejected: bool


@dataclass(frozen=True, slots=True)
class Report:
    """An open flag. ``doubtful``: who raised it has raised several that did not hold."""

    reason: str
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Background:
    """What is known beside the text. ``published`` and ``rejected`` count the author's other reviews, ``recent`` those within the
    hour before this one."""

    verified: bool = False
    published: int = 0
    rejected: int = 0
    recent: int = 0
    twins: tuple[Twin, ...] = ()
    reports: tuple[Report, ...] = ()
