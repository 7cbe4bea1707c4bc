"""A checkout that nobody can finish until a person helps."""

from __future__ import annotations

import io
from typing import Final

from django.core.management import CommandError, call_command

from config.demo import books
from config.demo.journeys.journey import Journey, Look
from config.demo.results import Seen, counted
from config.demo.shopping import Posted
from config.demo.stage import Stage
from ordering.checkout.states import CheckoutState

PRICE: Final = 432_109
PARKS_WITHIN: Final = 120.0


class Stuck:
    """For one payment the provider is down for longer than the checkout is patient. The checkout turns back, but cannot make
    sure that no money is held, so it parks; the provider comes back, and an operator has it tried again."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.faults: list[str] = []

    def begin(self, stage: Stage) -> None:
        """Check out against a provider that is down; patience takes its time while the other journeys are played."""
        product = stage.product("Longcase clock", price=PRICE, stock=1)
        baskets = stage.baskets(stage.some(1), lambda: [(product, 1)])
        self.faults = [stage.control.add_fault("down", operation="create", match={"amount": PRICE})]
        self.posted = stage.check_out(baskets)
        (session,) = [each.session for each in self.posted]
        stage.until(lambda: bool(books.payments_of([session])), 30)
        for payment in books.payments_of([session]):
            query = f"metadata['payment_id']:'{payment}'"
            self.faults.append(stage.control.add_fault("down", operation="search", match={"query": query}))

    def play(self, stage: Stage) -> Look:
        """Wait until it is parked, bring the provider back, and retry."""
        session = self.posted[0].session
        stage.tell("waiting until the stuck checkout is parked")
        parked = stage.until(lambda: books.in_flight([session], (CheckoutState.NEEDS_ATTENTION,)) == 1, PARKS_WITHIN)
        told = stage.door.checkout(self.posted[0])["status"].lower()
        for fault in self.faults:
            stage.control.clear_faults(fault)
        retried = retry(session) if parked else "nothing to retry"

        def look() -> Seen:
            seen = stage.observe(self.posted)
            undone = counted(seen.facts) == {"timed out": 1}
            facts = {"customer told": told, "saga retry": retried} | ({"undone, nothing held": 1} if undone else dict(seen.facts))
            return Seen(facts, seen.orders)  # how long it took is up to the operator

        return look


def retry(session: str) -> str:
    """``manage.py saga retry``: ``ok``, or why not."""
    said = io.StringIO()
    try:
        call_command("saga", "retry", session, reason="the provider is back", actor="demo", stdout=said)
    except CommandError as refusal:
        return str(refusal)
    return "ok"


def journey() -> Journey:
    """Made anew for every run: it remembers its checkout."""
    stuck = Stuck()
    return Journey(
        name="stuck, then retried by an operator",
        expected={"customer told": "delayed", "saga retry": "ok", "undone, nothing held": 1},
        orders=0,
        begin=stuck.begin,
        play=stuck.play,
    )
