"""When patience ends: the same command again with the same key, then backward before the pivot, or to a person after it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from django.db.models import QuerySet
from django.db.models.functions import Now

from shop.messaging.context import current_actor
from shop.messaging.delivery.failure import Failure, failure_of
from shop.messaging.delivery.retrying import TRANSIENT, database_is_gone, retrying, sqlstate
from shop.messaging.envelope import Origin
from shop.messaging.outgoing import unit_of_work
from shop.messaging.saga.declaration import Failed, Saga
from shop.messaging.saga.records import Outcome
from shop.messaging.saga.turn import Turn
from shop.messaging.sets import fetch_rows

log = structlog.get_logger(__name__)

LIMIT = 100

# Why the last command was not answered, if its delivery knows.
LAST_ERROR = """
    SELECT d.error, d.fingerprint FROM {attempts} a JOIN messaging_delivery d ON d.message_id = a.command_id
    WHERE a.record_id = %s AND d.error <> '' ORDER BY a.id DESC LIMIT 1
"""

LAST_DEAD = """
    SELECT 1 FROM {attempts} a JOIN messaging_delivery d ON d.message_id = a.command_id
    WHERE a.record_id = %s AND a.attempt = %s AND a.outcome = 'waiting' AND d.status = 'dead'
"""


class NoAnswer(Exception):
    """Nobody answered a saga's command in time, and its delivery knows no error."""


def act_on_deadlines(saga: type[Saga], limit: int = LIMIT) -> int:
    """Act on up to ``limit`` runs whose wait is over, by the database's clock; how many. Runs in someone's hands are left.

    A run that cannot be acted on is parked alone, with the reason.
    """
    try:
        return retrying(lambda: _act(saga, _overdue(saga)[:limit]))
    except Exception as error:
        if not _blames_a_run(error):
            raise
        return sum(_act_alone(saga, session) for session in _overdue(saga).values_list("pk", flat=True)[:limit])


def _overdue(saga: type[Saga]) -> QuerySet[Any]:
    return saga.model._default_manager.filter(due_at__lte=Now()).order_by("due_at", "pk")


def _act(saga: type[Saga], runs: QuerySet[Any]) -> int:
    with unit_of_work():
        turn = Turn(saga)
        overdue = list(runs.select_for_update(skip_locked=True))
        for record in overdue:
            act(turn, record, Origin(record.correlation_id, current_actor()))
        turn.write()
    return len(overdue)


def _act_alone(saga: type[Saga], session: UUID) -> int:
    run = _overdue(saga).filter(pk=session)
    try:
        return retrying(lambda: _act(saga, run))
    except Exception as error:
        if not _blames_a_run(error):
            raise
        _park(saga, run, failure_of(error))
        return 1


def _blames_a_run(error: Exception) -> bool:
    return not database_is_gone(error) and sqlstate(error) not in TRANSIENT


def _park(saga: type[Saga], run: QuerySet[Any], failure: Failure) -> None:
    log.error("saga_cannot_be_moved", saga=saga.name, error=failure.error)
    with unit_of_work():
        turn = Turn(saga)
        for record in run.select_for_update(skip_locked=True):
            turn.park(record, failure.error, failure.fingerprint)
        turn.write()


def act(turn: Turn, record: Any, cause: Origin) -> None:
    """What one overdue run does next."""
    steps = [turn.saga.step_named(name) for name in record.undoing] or [turn.saga.steps[record.step]]
    for step in steps:
        turn.end(record, step, undo=bool(record.undoing), outcome=Outcome.NO_ANSWER)
    tries = max(step.tries for step in steps)
    if record.attempt < tries and not is_dead(turn.saga, record):
        record.attempt += 1
        repeat(turn, record, cause)
    elif record.undoing or turn.saga.past_the_pivot(record.step):
        error, fingerprint = last_error(turn.saga, record)
        turn.park(record, error, fingerprint)
    else:
        error, _ = last_error(turn.saga, record)
        turn.compensate(record, Failed(turn.saga.timed_out, error), cause, including_current=True)


def is_dead(saga: type[Saga], record: Any) -> bool:
    """Whether what it last asked for was given up as undeliverable: asking again at once would end there too."""
    return bool(fetch_rows(LAST_DEAD.format(attempts=saga.attempts._meta.db_table), [record.pk, record.attempt]))


def repeat(turn: Turn, record: Any, cause: Origin) -> None:
    """Send what the run waits for once more; business keys are equal, so it has one effect."""
    if record.undoing:
        turn.take_back(record, cause)
    else:
        turn.ask(record, cause)


def last_error(saga: type[Saga], record: Any) -> tuple[str, str]:
    """The best known reason why nobody answers (text, fingerprint)."""
    sql = LAST_ERROR.format(attempts=saga.attempts._meta.db_table)
    rows = fetch_rows(sql, [record.pk])
    if rows:
        return str(rows[0][0]), str(rows[0][1])
    waiting_for = ", ".join(record.undoing) or saga.steps[record.step].name
    verb = "undoing " if record.undoing else ""
    failure = failure_of(NoAnswer(f"{verb}{waiting_for} was never answered"))
    return failure.error, failure.fingerprint
