"""How far one spelling is from another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

SHORT: Final = 5  # letters up to which one slip is allowed; longer words may have two


def close_enough(typed: str, words: Iterable[str]) -> list[str]:
    """Those of ``words`` that ``typed`` may be a slip of, the closest first."""
    allowed = 1 if len(typed) <= SHORT else 2
    near = [(distance(typed, word), word) for word in words if abs(len(word) - len(typed)) <= allowed and word != typed]
    return [word for slips, word in sorted(near) if slips <= allowed]


def distance(one: str, other: str) -> int:
    """Slips between two spellings: a letter more, less, another, or two neighbours swapped."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        before, last, row = row, before, [i]
        for j, right in enumerate(other, start=1):
            slips = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                slips = min(slips, last[j - 2] + 1)
            row.append(slips)
    return row[-1]
