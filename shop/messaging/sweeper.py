"""The sweeper: a tiny process of its own that makes sure nothing waits for a bell that never rang.

Each round, all by the database's clock: give back leases that ran out, act on saga deadlines, send what the timetable says,
ring for queues with due mail, call the roll of the workers, and say that it is alive. One statement says that and looks
whether there is any of the rest to do; in a quiet shop there is none. While Redis does not answer it carries the mail itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial

import structlog
from django.db import close_old_connections

from shop.messaging.context import acting
from shop.messaging.delivery.drain import drain
from shop.messaging.delivery.failure import MAX_ATTEMPTS, failure_of
from shop.messaging.delivery.retrying import database_is_gone, retrying
from shop.messaging.doorbell import ring
from shop.messaging.errors import LeaseLost
from shop.messaging.heartbeat import BEAT, ROLL_CALL, ROLL_CALL_SECONDS, SWEEPER, call_the_roll, sweeper_name
from shop.messaging.outgoing import unit_of_work
from shop.messaging.routing import switchboard
from shop.messaging.saga.deadlines import LIMIT, act_on_deadlines
from shop.messaging.saga.declaration import Saga
from shop.messaging.sets import fetch_rows, run
from shop.messaging.switchboard import Every
from shop.messaging.turns import take_turn

log = structlog.get_logger(__name__)

# Whoever dies over its mail as often as others fail is poison too: the attempt was counted when the lease was taken.
GIVE_BACK = """
    UPDATE messaging_delivery SET status = CASE WHEN attempts >= %s THEN 'dead' ELSE 'open' END,
           lease = NULL, leased_until = NULL, due_at = now(), error = %s, fingerprint = %s
    WHERE id IN (SELECT id FROM messaging_delivery WHERE status = 'leased' AND leased_until < now()
                 ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED)
"""
# Mail that a bell should have fetched by now.
OVERDUE = """
    SELECT s FROM unnest(%s::text[]) AS s
    WHERE EXISTS (SELECT 1 FROM messaging_delivery d
                  WHERE d.subscriber = s AND d.status = 'open' AND d.due_at < now() - make_interval(secs => %s))
"""
# What a sign of life can be lost with is the machine, and then nobody asks for it: its commit need not wait for the disk.
LOOK = """
    WITH alive AS ({beat})
    SELECT EXISTS (SELECT 1 FROM messaging_delivery WHERE status = 'leased' AND leased_until < now()),
           ARRAY({overdue}),
           ARRAY(SELECT v.name FROM unnest(%s::text[], %s::int[]) AS v(name, seconds)
                 LEFT JOIN messaging_timetableentry e ON e.name = v.name
                 WHERE e.name IS NULL OR e.last_sent_at <= now() - make_interval(secs => v.seconds)),
           ARRAY[{sagas}]::bool[]
    FROM set_config('synchronous_commit', 'off', true)
"""
OVERDUE_SAGA = "EXISTS (SELECT 1 FROM {table} WHERE due_at <= now())"
GRACE_SECONDS = 0.5  # how long a bell may take before the sweeper rings again
MOST_ROUNDS = 20  # of overdue sagas, before the other duties have their turn
CARRY_BUDGET = 2.0  # seconds of carrying mail itself per round while Redis is away


def sweep_once(*, grace: float = GRACE_SECONDS) -> list[str]:
    """One round; the queues it rang for. A duty that fails does not keep it from the others. Raises when the database is gone."""
    close_old_connections()
    with acting("system:sweeper"):
        seen = look(grace)
        if seen.lost_leases:
            _attempt(give_back_leases)
        for saga in seen.sagas:
            _attempt(partial(_keep_moving, saga))
        for entry in seen.turns:
            _attempt(partial(send_if_due, entry))
        acted = seen.lost_leases or seen.sagas or seen.turns
        queues = overdue_queues(grace) if acted else seen.queues
        if queues and not ring(queues):
            carry(queues)
        if seen.roll_call:
            _attempt(call_the_roll)
    return queues


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to do."""

    lost_leases: bool
    queues: list[str]
    turns: list[Every]
    sagas: list[type[Saga]]
    roll_call: bool


def look(grace: float) -> Seen:
    """Say that this sweeper is alive, and see what there is to do. Only looks: a turn that is not due must not be written."""
    board = switchboard()
    timetable = {entry.name: entry for entry in board.timetable}
    names, seconds = [*timetable, ROLL_CALL], [*(entry.seconds for entry in timetable.values()), ROLL_CALL_SECONDS]
    tables = tuple(saga.model._meta.db_table for saga in board.sagas)
    asked = [sweeper_name(), SWEEPER, [entry.name for entry in board.all_routes()], grace, names, seconds]
    ((lost, waiting, due, sagas),) = fetch_rows(_look_sql(tables), asked)
    return Seen(
        lost_leases=lost,
        queues=_queues_of(waiting),
        turns=[timetable[name] for name in due if name != ROLL_CALL],
        sagas=[saga for saga, overdue in zip(board.sagas, sagas, strict=True) if overdue],
        roll_call=ROLL_CALL in due,
    )


@cache
def _look_sql(tables: tuple[str, ...]) -> str:
    sagas = ", ".join(OVERDUE_SAGA.format(table=table) for table in tables)
    return LOOK.format(beat=BEAT, overdue=OVERDUE, sagas=sagas)


def _attempt(duty: Callable[[], object]) -> None:
    try:
        duty()
    except Exception as error:
        if database_is_gone(error):
            raise
        log.exception("duty_failed", duty=str(duty))


def give_back_leases() -> None:
    """Mail whose worker did not come back in time is open again, or dead after as many tries as any other mail gets."""
    lost = failure_of(LeaseLost("the worker that held it did not come back"))
    given_back = retrying(lambda: run(GIVE_BACK, [MAX_ATTEMPTS, lost.error, lost.fingerprint]))
    if given_back:
        log.warning("leases_given_back", count=given_back)


def _keep_moving(saga: type[Saga]) -> None:
    for _ in range(MOST_ROUNDS):
        if act_on_deadlines(saga) < LIMIT:
            return


def overdue_queues(grace: float) -> list[str]:
    """Queues with mail that has been due for longer than ``grace`` seconds."""
    return _queues_of(name for (name,) in fetch_rows(OVERDUE, [[entry.name for entry in switchboard().all_routes()], grace]))


def _queues_of(subscribers: Iterable[str]) -> list[str]:
    routes = {entry.name: entry.queue for entry in switchboard().all_routes()}
    return sorted({routes[name] for name in subscribers})


def carry(queues: Iterable[str]) -> None:
    """Deliver without a bell: what the sweeper does while Redis is away."""
    every_queue = {entry.queue for entry in switchboard().all_routes()}
    for queue in queues:
        drain(queue, follow=every_queue, budget=CARRY_BUDGET)


def send_if_due(entry: Every) -> bool:
    """Send a recurring command if its period is over and no other sweeper has sent it."""
    with unit_of_work() as unit:
        if not take_turn(entry.name, entry.seconds):
            return False
        unit.add(entry.command)
    return True
