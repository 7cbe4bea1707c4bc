"""Emptying a queue: one subscriber at a time, batch after batch, while there is mail and budget."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection

from django.db import close_old_connections

from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.delivery.claim import routes_with_mail
from shop.messaging.delivery.outside import deliver_outside
from shop.messaging.doorbell import answer, listening, ring
from shop.messaging.handlers import Outside
from shop.messaging.routing import Route

BUDGET_SECONDS = 5.0
SHARE_SECONDS = 1.0  # of one subscriber, before the others of its queue have their turn

_left_waiting: dict[str, list[str]] = {}  # of each queue, when this process last ran out of time for it


def drain(queue: str, *, follow: Collection[str] = (), budget: float = BUDGET_SECONDS) -> int:
    """Deliver what is due in ``queue``, then whatever this very work has said to subscribers in the queues of ``follow``.

    Returns how many deliveries it dealt with.
    Following saves a trip through Redis per hop: a worker that serves several queues carries one order's mail right through,
    and where it travels alone even in the transaction that said it (``onward``).
    A full batch rings for help; a budget that runs out rings for a later turn, in which those begin who were left waiting: one
    whose mail never ends, or takes the whole budget, starves nobody. Raises when the database is gone.
    """
    close_old_connections()
    answer(queue)
    ends_at = time.monotonic() + budget
    mine = {queue, *follow}
    dealt_with, waiting = 0, deque(_in_turn(queue))
    while waiting:
        route = waiting.popleft()
        if time.monotonic() >= ends_at:
            _left_waiting[queue] = [route.name, *(other.name for other in waiting)]
            ring({route.queue, *(other.queue for other in waiting)})
            break
        done, heard = _empty(route, mine, min(ends_at, time.monotonic() + SHARE_SECONDS))
        dealt_with += done
        waiting.extend(other for other in heard if other.queue in mine and other not in waiting)
        ring({other.queue for other in heard if other.queue not in mine})
    return dealt_with


def _in_turn(queue: str) -> list[Route]:
    left = _left_waiting.pop(queue, [])
    return sorted(routes_with_mail(queue), key=lambda entry: left.index(entry.name) if entry.name in left else len(left))


def _empty(route: Route, mine: Collection[str], ends_at: float) -> tuple[int, set[Route]]:
    """One batch after another for one subscriber; how many deliveries, and who has mail now: itself too if its time is up."""
    dealt_with, called_for_help = 0, False
    with listening() as heard:
        while True:
            done = _deliver(route, mine)
            dealt_with += done
            if done < route.batch_size:
                return dealt_with, heard
            if time.monotonic() >= ends_at:
                return dealt_with, {*heard, route}
            called_for_help = called_for_help or ring([route.queue])


def _deliver(route: Route, mine: Collection[str]) -> int:
    deliver = deliver_outside if isinstance(route.handler, Outside) else deliver_batch
    return deliver(route, within=mine)
