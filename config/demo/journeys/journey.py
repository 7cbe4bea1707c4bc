"""A journey: what happens to customers, what that should come to, and how to play it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from config.demo.results import Facts, Result, Seen
from config.demo.stage import SETTLES_WITHIN, Stage

Look = Callable[[], Seen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """``play`` makes it happen and returns how to look at what came of it. ``begin`` happens before the first journey, for one
    that needs time. ``settles_within``: seconds that late consequences (a capture, a released hold) may take."""

    name: str
    expected: Facts
    orders: int
    play: Callable[[Stage], Look]
    begin: Callable[[Stage], None] = lambda _: None
    settles_within: float = SETTLES_WITHIN

    def result(self, stage: Stage) -> Result:
        """Play it and look."""
        look = self.play(stage)
        seen = stage.settle(self.expected, self.orders, look, self.settles_within)
        return Result(self.name, self.expected, self.orders, seen)
