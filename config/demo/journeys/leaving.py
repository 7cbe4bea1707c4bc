"""Somebody buys nothing any more and wants to be forgotten."""

from __future__ import annotations

from typing import Final

from config.demo.journeys.journey import Journey, Look
from config.demo.people import person
from config.demo.results import Seen
from config.demo.stage import Stage
from shop.messaging.sets import fetch_rows

PASSWORD: Final = "a password to forget"  # noqa: S105
NAMED: Final = "SELECT count(*) FROM messaging_message WHERE id >= %s::uuid AND position(%s IN payload::text) > 0"
LAST: Final = "SELECT id FROM messaging_message ORDER BY id DESC LIMIT 1"


def erase_me(stage: Stage) -> Look:
    """A customer registers, takes everything the shop holds about her away, and has herself erased."""
    before = fetch_rows(LAST)
    first = before[0][0] if before else "00000000-0000-0000-0000-000000000000"
    leaver = person("Lethe", f"Forgetter-{stage.run}", 1, f"lethe.{stage.run}@example.com".lower())
    buyer = stage.door.register(leaver.email, leaver.name, PASSWORD, leaver.address.data())
    taken = stage.door.personal_data(buyer)
    said = fetch_rows(NAMED, [first, leaver.name])[0][0]
    answered = stage.door.erase(buyer, PASSWORD)

    def look() -> Seen:
        left = fetch_rows(NAMED, [first, leaver.name])[0][0] + fetch_rows(NAMED, [first, leaver.email])[0][0]
        facts = {
            "addresses taken away": len(taken["addresses"]),
            "messages said who she was": "yes" if said else "no",
            "erasure": str(answered),
            "messages that still do": left,
        }
        return Seen(facts, 0)

    return look


JOURNEYS: Final = (
    Journey(
        name="a customer is forgotten",
        expected={"addresses taken away": 1, "messages said who she was": "yes", "erasure": "202"},
        orders=0,
        play=erase_me,
    ),
)
