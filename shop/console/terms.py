"""What somebody typed into a search box, read by its shape, so that it meets one index instead of every column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

CONFIRMATION: Final = re.compile(r"^ORD-?\d{1,8}$", re.IGNORECASE)
NUMBER: Final = re.compile(r"^\d{1,18}$")
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Term:
    """One search term. At most one of the shapes is set; ``text`` always is."""

    text: str
    uuid: UUID | None = None
    email: str | None = None
    confirmation: str | None = None
    number: int | None = None


def read_term(typed: str) -> Term:
    """The term and its shape. Never fails: what has no shape is text."""
    text = typed.replace("\x00", "").strip()[:LONGEST]
    if (identifier := _uuid(text)) is not None:
        return Term(text, uuid=identifier)
    if "@" in text:
        return Term(text, email=text)
    if CONFIRMATION.match(text):
        return Term(text, confirmation=f"ORD-{text.upper().removeprefix('ORD').removeprefix('-')}")
    if NUMBER.match(text):
        return Term(text, number=int(text))
    return Term(text)


def _uuid(text: str) -> UUID | None:
    if len(text) not in {32, 36}:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
