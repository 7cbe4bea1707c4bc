"""What is left of a text when only its letters and digits count: what likeness is measured on."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from typing import Final

LONGEST: Final = 400  # of a text is compared; the hash is of all of it
SHORTEST: Final = 40  # "Great product, thank you" is written by many people on their own

_NOT_WORDS: Final = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Lower case without accents, signs and invisible characters, single blanks between words."""
    split = unicodedata.normalize("NFKD", text)
    kept = "".join(mark for mark in split if unicodedata.category(mark) not in {"Mn", "Cf"})
    return _NOT_WORDS.sub(" ", kept.casefold()).strip()


def essence_of(title: str, body: str) -> tuple[str, str]:
    """The beginning of the plain text, and a hash of all of it; both empty for one that is too short to be anybody's own."""
    words = plain(f"{title} {body}")
    if len(words) < SHORTEST:
        return "", ""
    return words[:LONGEST], blake2b(words.encode(), digest_size=16).hexdigest()
