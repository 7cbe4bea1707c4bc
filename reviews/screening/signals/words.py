"""Deny words. One swear word is a temper, several are an attack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from reviews.screening.draft import Draft
from reviews.screening.signal import Signal
from reviews.screening.wording import Lexicon, Word

POINTS: Final = {
    ("spam", False): 20, ("spam", True): 45,
    ("abuse", False): 20, ("abuse", True): 50,
    ("off_topic", False): 15, ("off_topic", True): 35,
}  # fmt: skip
MOST: Final = 100
MEANING: Final = {"spam": "Speaks like an advertisement", "abuse": "Insults or threatens", "off_topic": "Speaks of other things"}
SHOWN: Final = 4
INSULTS: Final = "abuse words"


def signals(draft: Draft, lexicon: Lexicon) -> Iterator[Signal]:
    """One signal per category and severity."""
    groups: dict[tuple[str, bool], list[Word]] = defaultdict(list)
    for word in lexicon.found_in(draft):
        groups[(word.category, word.severe)].append(word)
    for (category, severe), words in sorted(groups.items()):
        quoted = ", ".join(f"“{word.text}”" for word in words[:SHOWN])
        points = min(MOST, POINTS[category, severe] * len(words))
        evidence = severe and category != "off_topic"
        yield Signal(f"{category} words", points, f"{MEANING[category]}: {quoted}.", category, evidence)
