"""Why a product stands where it stands among the results, part by part; the same sums as the search itself."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from catalog.search.finding import explain
from catalog.search.generations import live_generation
from catalog.search.scoring import CALLED_SO, CONCISE, RATED, Scored
from catalog.search.states import DocumentState
from catalog.search.understanding import Understood, understand


@dataclass(frozen=True, slots=True)
class Explanation:
    """One sentence, and the parts of the score with what each comes to."""

    sentence: str
    parts: tuple[tuple[str, float], ...] = ()
    score: float | None = None


def explain_rank(product_id: UUID, query: str) -> Explanation:
    """Why ``product_id`` is found for ``query`` and what its score is made of, or why it is not found."""
    generation = live_generation()
    understood = understand(generation, query) if generation else None
    if generation is None or understood is None or not understood.words:
        return Explanation("There is no word in this query that could be found.")
    found = explain(generation, understood, product_id)
    if found is None:
        return Explanation("It is not in the index.")
    status, matches, scored = found
    if not matches:
        return Explanation("It does not match: every word of the query has to occur in it.")
    hidden = "" if status == DocumentState.ACTIVE else f" The public does not find it: it is {status.lower()}."
    return Explanation(f"It matches with a score of {scored.score:.4f}.{hidden}", _parts(understood, scored), scored.score)


def _parts(understood: Understood, scored: Scored) -> tuple[tuple[str, float], ...]:
    words = [
        (
            f"“{word.text}”{' or its beginning' if word.begun or word.number else ''}, 1 of {len(scored.words)} words",
            worth / len(scored.words),
        )
        for word, worth in zip(understood.words, scored.words, strict=True)
    ]
    return (
        *words,
        (f"the name says little else (at most {CONCISE:g})", scored.concise),
        (f"name or SKU is the whole query ({CALLED_SO:g} or nothing)", scored.called_so),
        (f"ratings (at most {RATED:g})", scored.rated),
    )
