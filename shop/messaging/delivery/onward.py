"""Mail that travels alone goes on in the transaction that said it, as far as this worker serves its subscribers.

A batch shares one transaction among many; a lone checkout would pay for a claim, a done-mark and a commit at every hop. So
what a small batch says is handled right there, and written once, with its delivery done. Nothing is promised that mail does
not promise: what may not be handled here is open mail, and where a hop fails the whole transaction is run again without going on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from shop.messaging.crashpoints import crash_point
from shop.messaging.delivery.handling import handle
from shop.messaging.delivery.leasing import Leased, lease_said
from shop.messaging.handlers import Outside
from shop.messaging.outgoing import Outgoing, UnitOfWork
from shop.messaging.routing import Route, switchboard

# A larger batch has company enough, and going on would keep its row locks: those of a product everybody buys, for one.
MOST_MESSAGES = 8
MOST_HOPS = 16


@dataclass(slots=True)
class Onward:
    """How far one transaction went on. ``within`` are the queues this worker serves; without any it does not go on at all.

    ``began`` says that it did: what is raised from then on may be a hop's failure rather than the batch's own.
    """

    within: Collection[str] = ()
    began: bool = False
    leased: list[tuple[Route, Leased]] = field(default_factory=list)
    _passed: list[str] = field(default_factory=list)

    def carry(self, unit: UnitOfWork, at: datetime) -> None:
        """Handle what ``unit`` has said, and what that says in turn, hop by hop; then have what is for the outside prepared, to
        be written as leased. ``at`` is the database's clock after this transaction began: when it was all said."""
        if not self.within:
            return
        while len(self._passed) < MOST_HOPS and (hop := self._next_hop(unit)) is not None:
            self._make(*hop, unit, at)
        for route, said in self._small(unit.outgoing, outside=True):
            self.began = True
            self.leased.append((route, lease_said(route, said, [item.envelope(at) for item in said])))

    def written(self, unit: UnitOfWork) -> None:
        """``unit`` has written it all: the caller carries out what is ``leased`` after the commit."""
        self.leased = [(route, leased.numbered(route, unit)) for route, leased in self.leased]

    def crash_points(self, point: str) -> None:
        """Every hop passes the points that it would pass in a transaction of its own."""
        for name in self._passed:
            crash_point(point, name)

    def _next_hop(self, unit: UnitOfWork) -> tuple[Route, list[Outgoing]] | None:
        return next(iter(self._small(unit.outgoing, outside=False)), None)

    def _small(self, said: Collection[Outgoing], *, outside: bool) -> list[tuple[Route, list[Outgoing]]]:
        found: dict[Route, list[Outgoing]] = {}
        for item in said:
            for route in item.waiting():
                if isinstance(route.handler, Outside) == outside and self._may_handle(route, item):
                    found.setdefault(route, []).append(item)
        return [(route, items) for route, items in found.items() if len(items) <= min(MOST_MESSAGES, route.batch_size)]

    def _may_handle(self, route: Route, item: Outgoing) -> bool:
        as_said = switchboard().wanted(route.name, type(item.message)) is type(item.message)
        return route.queue in self.within and not route.ordered and as_said

    def _make(self, route: Route, said: list[Outgoing], unit: UnitOfWork, at: datetime) -> None:
        self.began = True
        crash_point("deliver.before_handler", route.name)
        handle(route, [item.envelope(at) for item in said], unit)
        crash_point("deliver.before_done", route.name)
        for item in said:
            item.delivered.add(route.name)
        self._passed.append(route.name)
