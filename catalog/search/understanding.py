"""What somebody typed, as words the index knows: stemmed, as a beginning, and in the last resort as what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from catalog.search.generations import Generation
from catalog.search.spelling import close_enough
from shop.messaging.sets import fetch_rows

MOST_TYPED: Final = 500  # characters; no name or SKU is longer
MOST_WORDS: Final = 10  # the words after these are not looked at
SHORTEST_BEGINNING: Final = 2  # letters; one letter is the beginning of everything
SHORTEST_MISSPELT: Final = 4
MOST_BEGUN: Final = 20  # words that one may be the beginning of
SHORTEST_BEGUN_NUMBER: Final = 3
MOST_MEANT: Final = 3  # words that a misspelt one may stand for
NEIGHBOURS: Final = 20  # words alike that are looked at closely

PARSE: Final = """
    SELECT n, word, tsvector_to_array(to_tsvector('simple', word)), tsvector_to_array(to_tsvector(%s::regconfig, word))
    FROM regexp_split_to_table(catalog_search_plain(%s), ' ') WITH ORDINALITY AS s(word, n) WHERE word <> '' ORDER BY n LIMIT %s
"""
PLAIN: Final = "SELECT catalog_search_plain(%s)"
# The shortest first: the closest to what was typed. Compared byte by byte, as the index is.
BEGUN: Final = """
    SELECT word FROM catalog_searchword WHERE half = %s AND word ~>~ %s AND word ~<~ (%s::text || chr(1114111))
    ORDER BY length(word), word LIMIT %s
"""
KNOWN: Final = "SELECT word FROM catalog_searchword WHERE half = %s AND word = ANY(%s)"
ALIKE: Final = """
    SELECT asked, near.word, tsvector_to_array(to_tsvector(%s::regconfig, near.word)) FROM unnest(%s::text[]) AS asked,
        LATERAL (SELECT word FROM catalog_searchword WHERE half = %s ORDER BY word <-> asked LIMIT %s) AS near
"""


@dataclass(frozen=True, slots=True)
class Meant:
    """A word that a misspelt one may stand for, and what the index calls it."""

    word: str
    lexemes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query: what the index calls it, the longer words it may be the beginning of, and what it may stand for.

    ``number``: it has digits and may be the beginning of any other such word; those are too many to be listed.
    """

    text: str
    lexemes: tuple[str, ...]
    begun: tuple[str, ...] = ()
    number: bool = False
    meant: tuple[Meant, ...] = ()

    @property
    def exact(self) -> str:
        """As a tsquery that matches the word in any of its forms."""
        return _any(map(quoted, self.lexemes))

    def exact_in(self, weights: str) -> str:
        """The same, in fields of these weights only."""
        return _any(f"{quoted(lexeme)}:{weights}" for lexeme in self.lexemes)

    def loose_in(self, weights: str) -> str:
        """As a beginning or as what it may stand for, in fields of these weights; empty if it is neither."""
        number = [f"{quoted(self.text)}:*{weights}"] if self.number else []
        return _any([*number, *(f"{quoted(lexeme)}:{weights}" for lexeme in self._loose)])

    @property
    def any(self) -> str:
        """As a tsquery that matches whatever counts as this word."""
        number = [f"{quoted(self.text)}:*"] if self.number else []
        return _any([*number, *map(quoted, (*self.lexemes, *self._loose))])

    @property
    def _loose(self) -> tuple[str, ...]:
        return (*self.begun, *(lexeme for meant in self.meant for lexeme in meant.lexemes))


@dataclass(frozen=True, slots=True)
class Understood:
    """A query as words. ``plain`` is all of it in the plain form, for what is called exactly so."""

    plain: str
    words: tuple[Word, ...] = field(default=())

    @property
    def tsquery(self) -> str:
        """All words at once."""
        return " & ".join(f"({word.any})" for word in self.words)

    @property
    def called_so(self) -> str:
        """As a tsquery that matches what has exactly this name or SKU."""
        return f"{quoted(f'=n:{self.plain}')} | {quoted(f'=s:{self.plain}')}"

    @property
    def corrected(self) -> str:
        """What it would be, spelt correctly."""
        return " ".join(word.meant[0].word if word.meant else word.text for word in self.words)


def understand(generation: Generation, typed: str) -> Understood:
    """The words of ``typed``; none if it says nothing that is indexed (blanks, punctuation)."""
    typed = typed[:MOST_TYPED]
    rows = fetch_rows(PARSE, [generation.config, typed, MOST_WORDS])
    words = [Word(text, _lexemes(simple, stemmed)) for _, text, simple, stemmed in rows]
    words = [word for word in words if word.lexemes]
    words[-1:] = [_as_beginning(generation, word) for word in words[-1:]]
    return Understood(fetch_rows(PLAIN, [typed])[0][0][:MOST_TYPED], tuple(words))


def second_thoughts(generation: Generation, first: Understood) -> Understood | None:
    """What may have been meant when nothing matches: words the shop does not use are replaced by ones it does, and if it uses
    all of them, any may be wrong. ``None`` when nothing comes close."""
    candidates = [word for word in first.words if len(word.text) >= SHORTEST_MISSPELT and word.text.isalpha()]
    if not candidates:
        return None
    known = {word for (word,) in fetch_rows(KNOWN, [generation.half, [word.text for word in candidates]])}
    doubted = [word.text for word in candidates if word.text not in known] or [word.text for word in candidates]
    alike = _alike(generation, doubted)
    words = tuple(replace(word, meant=alike.get(word.text, ())) for word in first.words)
    return Understood(first.plain, words) if any(word.meant for word in words) else None


def _as_beginning(generation: Generation, word: Word) -> Word:
    if any(character.isdigit() for character in word.text):
        return replace(word, number=len(word.text) >= SHORTEST_BEGUN_NUMBER)
    if len(word.text) < SHORTEST_BEGINNING:
        return word
    rows = fetch_rows(BEGUN, [generation.half, word.text, word.text, MOST_BEGUN])
    return replace(word, begun=tuple(begun for (begun,) in rows))


def _alike(generation: Generation, doubted: Sequence[str]) -> dict[str, tuple[Meant, ...]]:
    rows = fetch_rows(ALIKE, [generation.config, list(doubted), generation.half, NEIGHBOURS])
    found = {}
    for asked, group in groupby(rows, key=lambda row: row[0]):
        near = {word: Meant(word, _lexemes([word], stemmed)) for _, word, stemmed in group}
        found[asked] = tuple(near[word] for word in close_enough(asked, near)[:MOST_MEANT])
    return found


def quoted(lexeme: str) -> str:
    """A lexeme as a tsquery takes it literally."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _any(parts: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(parts))


def _lexemes(*lists: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lexeme for some in lists for lexeme in some))
