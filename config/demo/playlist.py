"""The journeys in the order in which they are played."""

from __future__ import annotations

from collections.abc import Sequence

from config.demo.journeys import breakage, buying, doorstep, feeds, leaving, payment, scarcity, searching, second_thoughts, stuck
from config.demo.journeys.journey import Journey
from config.demo.journeys.reviewing import JOURNEYS as REVIEWING


def playlist(only: str = "") -> Sequence[Journey]:
    """Every journey, or those with ``only`` in their name. The killed worker comes early and the stuck checkout last: what
    they leave behind takes the shop a while, and the others are played meanwhile."""
    journeys = (
        *buying.JOURNEYS[:2],
        breakage.JOURNEYS[0],
        *buying.JOURNEYS[2:],
        *REVIEWING,
        *scarcity.JOURNEYS,
        *leaving.JOURNEYS,
        *payment.JOURNEYS,
        *searching.JOURNEYS,
        *doorstep.JOURNEYS,
        *second_thoughts.JOURNEYS,
        *breakage.JOURNEYS[1:],
        feeds.journey(),
        stuck.journey(),
    )
    return [journey for journey in journeys if only.lower() in journey.name.lower()]
