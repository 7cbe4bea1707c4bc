"""One sentence that says what a run waits for, since when, what was tried, and what the operator can do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shop.messaging.saga.declaration import ABORTED, COMPLETED, NEEDS_ATTENTION, Saga
from shop.messaging.sets import fetch_rows

# Of several undos, one that is still unanswered: that is what it waits for.
LAST_COMMANDS = """
    SELECT DISTINCT ON (a.record_id) a.record_id, a.step, a.undo, a.attempt, a.started_at,
           d.status, d.attempts, d.error, d.subscriber
    FROM {attempts} a LEFT JOIN messaging_delivery d ON d.message_id = a.command_id
    WHERE a.record_id = ANY(%s) ORDER BY a.record_id, (a.outcome = 'waiting') DESC, a.id DESC
"""


@dataclass(frozen=True, slots=True)
class Explanation:
    """``sentence`` for people; ``verbs`` are what the state allows right now, the most sensible first."""

    sentence: str
    verbs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LastCommand:
    """The last thing a run asked for, and where that command is now."""

    step: str
    undo: bool
    attempt: int
    started_at: datetime
    status: str | None
    tried: int | None
    error: str | None
    subscriber: str | None


def explain(saga: type[Saga], record: Any) -> Explanation:
    """The explanation of one run."""
    return explain_all(saga, [record])[record.pk]


def explain_all(saga: type[Saga], records: Iterable[Any]) -> dict[UUID, Explanation]:
    """Explanations by id; one query however many runs."""
    wanted = list(records)
    sql = LAST_COMMANDS.format(attempts=saga.attempts._meta.db_table)
    rows = fetch_rows(sql, [[record.pk for record in wanted]]) if wanted else []
    commands = {row[0]: LastCommand(*row[1:]) for row in rows}
    ((now,),) = fetch_rows("SELECT statement_timestamp()")
    return {record.pk: _explain(saga, record, commands.get(record.pk), now) for record in wanted}


def verbs_for(saga: type[Saga], record: Any) -> tuple[str, ...]:
    """What an operator may do with a run in this state."""
    if record.state == COMPLETED:
        return ()
    if record.state == ABORTED:
        return ()
    if record.state == NEEDS_ATTENTION:
        backward = ("abandon",) if record.undoing or record.reason else ("compensate", "abandon")
        return ("retry", "skip", *backward)
    if record.undoing:
        return ("retry", "skip")
    return ("retry", "skip", "compensate")


def _explain(saga: type[Saga], record: Any, command: LastCommand | None, now: datetime) -> Explanation:
    verbs = verbs_for(saga, record)
    if record.state == COMPLETED:
        return Explanation(f"Completed {_ago(record.finished_at, now)} ago; nothing to do.", verbs)
    if record.state == ABORTED:
        return Explanation(f"Aborted ({record.reason}) and undone {_ago(record.finished_at, now)} ago; nothing to do.", verbs)
    waits = _waits_for(saga, record, command, now)
    parked = f" Parked: {_clip(record.error)}." if record.state == NEEDS_ATTENTION else _next(saga, record, command, now)
    return Explanation(f"{waits}{_where(command)}{parked} You can {_list(verbs)}.", verbs)


def _waits_for(saga: type[Saga], record: Any, command: LastCommand | None, now: datetime) -> str:
    since = _ago(command.started_at if command else record.updated_at, now)
    if record.undoing:
        what = f"Undoing {_list(record.undoing, 'and')} ({record.reason}); waiting"
    else:
        what = f"Waiting for {saga.steps[record.step].name}"
    return f"{what} for {since}, try {record.attempt}."


def _where(command: LastCommand | None) -> str:
    if command is None or command.status is None:
        return ""
    if command.status == "dead":
        return f" Its delivery to {command.subscriber} is dead after {command.tried} attempts: {_clip(command.error or '')}."
    if command.status == "open" and command.tried:
        return f" {command.subscriber} failed {command.tried} times: {_clip(command.error or '')}."
    if command.status == "open":
        return f" {command.subscriber} has not looked at it yet."
    if command.status == "leased":
        return f" {command.subscriber} is working on it."
    if command.status == "discarded":
        return f" Its delivery to {command.subscriber} was discarded."
    return f" {command.subscriber} has dealt with it; the answer is outstanding."


def _next(saga: type[Saga], record: Any, command: LastCommand | None, now: datetime) -> str:
    if record.due_at is None:
        return ""
    seconds = (record.due_at - now).total_seconds()
    when = f"in {_span(seconds)}" if seconds > 0 else "any moment, if a sweeper is running"
    return f" Without an answer it will {_then(saga, record, command)} {when}."


def _then(saga: type[Saga], record: Any, command: LastCommand | None) -> str:
    """What patience will end in: the same decision as in ``deadlines.act``."""
    steps = [saga.step_named(name) for name in record.undoing] or [saga.steps[record.step]]
    given_up = command is not None and command.status == "dead"
    if record.attempt < max(step.tries for step in steps) and not given_up:
        return "ask again by itself"
    return "be parked for a person" if record.undoing or saga.past_the_pivot(record.step) else "turn back by itself"


def _ago(then: datetime | None, now: datetime) -> str:
    return _span((now - then).total_seconds()) if then else "an unknown time"


def _span(seconds: float) -> str:
    whole = max(0, round(seconds))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if whole >= 2 * size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def _clip(text: str, length: int = 160) -> str:
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= length else f"{line[: length - 1]}…"


def _list(words: Iterable[str], last: str = "or") -> str:
    found = list(words)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} {last} {found[-1]}" if found else "only watch"
