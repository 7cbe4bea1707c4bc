"""Texts that are there already: copied from others, pasted under many products, or rejected before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reviews.screening.draft import Twin
from reviews.screening.signal import Signal

ALIKE: Final = 0.7
THE_SAME: Final = 0.95
OFTEN: Final = 2


def signals(twins: tuple[Twin, ...]) -> Iterator[Signal]:
    """What the most similar earlier reviews say."""
    alike = [twin for twin in twins if twin.likeness >= ALIKE]
    rejected = [twin for twin in alike if twin.rejected]
    if rejected:
        same = rejected[0].likeness >= THE_SAME
        yield Signal("duplicate", 60 if same else 40, f"{_percent(rejected[0])} like one that was rejected.", "spam", same)
    own = [twin for twin in alike if twin.own and not twin.rejected]
    if own:
        often = len(own) >= OFTEN
        yield Signal(
            "own copies", 50 if often else 30, f"{_percent(own[0])} like {len(own)} others of its author.", "spam", often
        )
    others = [twin for twin in alike if not twin.own and not twin.rejected]
    if others:
        yield Signal("copy", 35, f"{_percent(others[0])} like an earlier one of somebody else.", "spam")


def _percent(twin: Twin) -> str:
    return f"Is {round(twin.likeness * 100)} %"
