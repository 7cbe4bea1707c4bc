"""How it is written: shouting, repetition, gibberish. Angry people shout too, so this alone decides nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from reviews.screening.draft import Draft
from reviews.screening.signal import Signal

SHOUT_FROM: Final = 20  # letters; "OK" is no shout
MOSTLY: Final = 0.7
SAME_LETTER: Final = re.compile(r"([^\W\d_])\1{5,}")
MARKS: Final = re.compile(r"[!?¡¿]{3,}")
CONSONANTS: Final = re.compile(r"\b[b-df-hj-np-tv-xz]{7,}\b")
MANY_WORDS: Final = 8
OF_ALL: Final = 0.4
LETTER: Final = 2
MONEY: Final = re.compile(r"[$€£]\s?\d|\d\s?[$€£]|[$€£]{2,}")
MANY_SUMS: Final = 3


def signals(draft: Draft) -> Iterator[Signal]:
    """What the manner of the text says."""
    letters = [letter for letter in draft.text if letter.isalpha()]
    if len(letters) >= SHOUT_FROM and sum(letter.isupper() for letter in letters) > MOSTLY * len(letters):
        yield Signal("shouting", 10, "Is written in capitals.")
    if len(MARKS.findall(draft.text)) > 1:
        yield Signal("shouting", 5, "Has rows of exclamation or question marks.")
    if repeated := _repeated(draft):
        yield Signal("repetition", 30, f"Repeats “{repeated}” over and over.", "spam")
    if len(CONSONANTS.findall(draft.text.lower())) > 1:
        yield Signal("gibberish", 35, "Contains what is no word in any language.", "off_topic")
    if len(MONEY.findall(draft.text)) >= MANY_SUMS:
        yield Signal("sums", 15, "Speaks of sums of money again and again.", "spam")


def _repeated(draft: Draft) -> str:
    if run := SAME_LETTER.search(draft.text):
        return run.group()[:8]
    long_words = Counter(word for word in draft.words if len(word) > LETTER)
    if len(draft.words) < MANY_WORDS or not long_words:
        return ""
    word, times = long_words.most_common(1)[0]
    return word if times > OF_ALL * len(draft.words) else ""
