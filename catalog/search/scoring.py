"""What a match is worth. ``docs/search.md`` explains it with an example that a test computes.

The score is the mean of what each word of the query is worth, and what is added for a name that says little else, for being
called exactly so, and for good ratings. It is computed in SQL, part by part, so that it can be explained by the same statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from catalog.search.understanding import Understood, Word

NAME, SKU, CATEGORY, ELSEWHERE = 10.0, 8.0, 4.0, 1.0  # a word of the query in the best field it is found in
LOOSE: Final = 0.6  # of that for the beginning of a word, or a word that was probably meant
CONCISE: Final = 3.0  # for a name of nothing but words of the query, less in proportion
CALLED_SO: Final = 20.0  # for a name or SKU that is the whole query
RATED: Final = 1.0  # for five stars from very many; FEW reviews are worth half of what very many are
FEW: Final = 5
MOST_STARS: Final = 5
FIELDS: Final = (("A", NAME), ("B", SKU), ("C", CATEGORY))

Sql = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Scored:
    """One document's score in parts: what each word is worth, and what is added to their mean."""

    words: tuple[float, ...]
    concise: float
    called_so: float
    rated: float

    @property
    def score(self) -> float:
        """The sum."""
        return round(sum(self.words) / len(self.words) + self.concise + self.called_so + self.rated, 4)


def score(understood: Understood) -> Sql:
    """An expression for the score of a row with the columns of a document."""
    pieces = parts(understood)
    words = pieces[: len(understood.words)]
    mean = f"(({' + '.join(sql for sql, _ in words)}) / {float(len(words))})"
    total = " + ".join([mean, *(sql for sql, _ in pieces[len(words) :])])
    return f"round(({total})::numeric, 4)::float8", [value for _, values in pieces for value in values]


def parts(understood: Understood) -> list[Sql]:
    """An expression for each part: every word, then what is added."""
    return [*map(_worth, understood.words), _concise(understood), _called_so(understood), _rated()]


def _worth(word: Word) -> Sql:
    """The best field the word is found in; not found in the head, it is in the description, or it would not match."""
    tries = [(worth, word.exact_in(weight)) for weight, worth in FIELDS]
    loose = word.loose_in("A")
    if loose:
        tries += [(worth * LOOSE, word.loose_in(weight)) for weight, worth in FIELDS]
    tries.sort(key=lambda one: -one[0])
    cases = " ".join(f"WHEN head @@ %s::tsquery THEN {worth}" for worth, _ in tries)
    return f"(CASE {cases} ELSE {ELSEWHERE} END)", [tsquery for _, tsquery in tries]


def _concise(understood: Understood) -> Sql:
    """The share of the name's words that are words of the query."""
    named = [" | ".join(filter(None, (word.exact_in("A"), word.loose_in("A")))) for word in understood.words]
    found = " + ".join("(head @@ %s::tsquery)::int" for _ in named)
    return f"({CONCISE} * least(1.0, ({found}) / greatest(name_words, 1)::float8))", list(named)


def _called_so(understood: Understood) -> Sql:
    return f"(CASE WHEN head @@ %s::tsquery THEN {CALLED_SO} ELSE 0 END)", [understood.called_so]


def _rated() -> Sql:
    return f"({RATED} * rating / {float(MOST_STARS)} * reviews / (reviews + {FEW})::float8)", []
