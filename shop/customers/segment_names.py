"""How segments are called."""

from __future__ import annotations

import re
from typing import Final

RULES: Final = frozenset({"NEW", "RETURNING"})  # follow from what a customer has bought; nobody assigns them
_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,29}")
SENTENCE: Final = "A segment is called with up to 30 capitals, digits and underscores, a letter first."


def is_segment_name(text: str) -> bool:
    """Whether a segment may be called so."""
    return _NAME.fullmatch(text) is not None
