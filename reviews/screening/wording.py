"""Reading a text for deny words: whole words and phrases, also spaced out, also with figures for letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from reviews.screening.draft import Draft
from reviews.submissions.essence import plain

LONGEST_PHRASE: Final = 6
SHORTEST_STEM: Final = 3
FIGURES: Final = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "€": "e"})
STAR: Final = "*"


@dataclass(frozen=True, slots=True)
class Word:
    """A deny word: what it speaks of, and how strongly."""

    text: str
    category: str
    severe: bool


@dataclass(frozen=True)
class Lexicon:
    """All deny words, arranged so that reading a text costs as much with ten thousand of them as with ten."""

    phrases: Mapping[str, Word]
    stems: Mapping[str, Word] = field(default_factory=dict)
    # How many words and how many letters they have.
    stem_shapes: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, words: Iterable[Word]) -> Lexicon:
        """From words as they are stored."""
        every = list(words)
        stems = {word.text.rstrip(STAR): word for word in every if word.text.endswith(STAR)}
        phrases = {word.text: word for word in every if not word.text.endswith(STAR)}
        return cls(phrases, stems, tuple(sorted({(len(stem.split()), len(stem)) for stem in stems})))

    def found_in(self, draft: Draft) -> list[Word]:
        """The deny words in a text, each once."""
        found: dict[str, Word] = {}
        for words in _readings(draft):
            for word in self._found(words):
                found.setdefault(word.text, word)
        return list(found.values())

    def _found(self, words: tuple[str, ...]) -> Iterator[Word]:
        for start in range(len(words)):
            for length in range(1, LONGEST_PHRASE + 1):
                phrase = " ".join(words[start : start + length])
                if word := self.phrases.get(phrase):
                    yield word
            yield from self._by_stem(words, start)

    def _by_stem(self, words: tuple[str, ...], start: int) -> Iterator[Word]:
        for count, length in self.stem_shapes:
            if found := self.stems.get(" ".join(words[start : start + count])[:length]):
                yield found


def stored(text: str) -> str:
    """A deny word as it is stored and compared; empty when nothing is left of it."""
    kept = plain(text)
    return f"{kept}{STAR}" if text.strip().endswith(STAR) and len(kept) >= SHORTEST_STEM else kept


def _readings(draft: Draft) -> Iterator[tuple[str, ...]]:
    """The text as it is, and as it is meant when somebody hides a word: "c a s i n o", "c4sin0"."""
    yield draft.words
    disguised = tuple(plain(draft.text.translate(FIGURES)).split())
    if disguised != draft.words:
        yield disguised
    joined = tuple(_joined(disguised))
    if len(joined) != len(disguised):
        yield joined


def _joined(words: tuple[str, ...]) -> Iterator[str]:
    run = ""
    for word in words:
        if len(word) == 1:
            run += word
            continue
        if run:
            yield run
            run = ""
        yield word
    if run:
        yield run
