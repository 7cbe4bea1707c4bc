"""One turn of a saga: many runs moved in memory under their row locks, then written in a handful of statements."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from shop.messaging.context import current_actor
from shop.messaging.envelope import Envelope, Origin
from shop.messaging.outgoing import current_unit
from shop.messaging.saga.declaration import (
    ABORTED,
    COMPENSATING,
    COMPLETED,
    NEEDS_ATTENTION,
    TERMINAL,
    Failed,
    Saga,
    Step,
)
from shop.messaging.saga.records import AttemptRecord, Outcome, SagaRecord
from shop.messaging.sets import Column, columns_of, locked, run

SAGA_COLUMNS: tuple[Column, ...] = (
    ("state", "text"),
    ("step", "smallint"),
    ("attempt", "smallint"),
    ("facts", "jsonb"),
    ("reason", "text"),
    ("error", "text"),
    ("fingerprint", "text"),
)
ATTEMPT_COLUMNS: tuple[Column, ...] = (
    ("record_id", "uuid"),
    ("step", "text"),
    ("undo", "boolean"),
    ("attempt", "smallint"),
    ("command_id", "uuid"),
    ("actor", "text"),
    ("outcome", "text"),
    ("error", "text"),
)
# One statement for a whole transaction of hops. An attempt that was sent and answered within it is written as it ended, with
# the seconds since it began and ended.
WRITE = """
    WITH ended AS (
        UPDATE {attempts} t SET outcome = v.outcome, error = v.error, finished_at = {clock} - make_interval(secs => v.ended)
        FROM unnest(%s::uuid[], %s::text[], %s::boolean[], %s::text[], %s::text[], %s::float8[])
             AS v(record_id, step, undo, outcome, error, ended)
        WHERE t.record_id = v.record_id AND t.step = v.step AND t.undo = v.undo AND t.outcome = 'waiting'
    ), started AS (
        INSERT INTO {attempts} ({attempt_names}, started_at, finished_at)
        SELECT {attempt_names}, {clock} - make_interval(secs => began), {clock} - make_interval(secs => ended)
        FROM unnest({attempt_holes}, %s::float8[], %s::float8[]) WITH ORDINALITY AS v({attempt_names}, began, ended, place)
        ORDER BY place
    )
    UPDATE {records} t SET {changes},
        undoing = string_to_array(v.undoing, ','), version = t.version + 1, updated_at = now(),
        due_at = CASE WHEN v.rescheduled THEN now() + make_interval(secs => v.patience) ELSE t.due_at END,
        finished_at = CASE WHEN v.finished THEN COALESCE(t.finished_at, {clock}) END
    FROM unnest(%s::uuid[], {record_holes}, %s::text[], %s::boolean[], %s::float8[], %s::boolean[])
         AS v(id, {record_names}, undoing, rescheduled, patience, finished)
    WHERE t.id = v.id
"""


@dataclass(slots=True)
class Ending:
    """How the open attempt of one step (or undo) of one run ended; ``at`` by this process's steady clock."""

    record_id: UUID
    step: str
    undo: bool
    outcome: Outcome
    error: str
    at: float


@dataclass(slots=True)
class Attempt:
    """An attempt that this turn has begun, and how it ended if it did."""

    record_id: UUID
    step: str
    undo: bool
    attempt: int
    command_id: UUID
    actor: str
    began: float
    ending: Ending | None = None

    def row(self, now: float) -> tuple[Any, ...]:
        """Its values of ``ATTEMPT_COLUMNS``, and how many seconds ago it began and ended."""
        outcome, error = (self.ending.outcome, self.ending.error) if self.ending else (Outcome.WAITING, "")
        ended = now - self.ending.at if self.ending else None
        told = (self.record_id, self.step, self.undo, self.attempt, self.command_id, self.actor, outcome.value, error)
        return (*told, now - self.began, ended)


class Turn:
    """Moves runs of one saga and remembers what to write. Every method changes a locked row in memory and sends at once.

    One turn may last for several batches of one transaction, which is then written as one.
    """

    def __init__(self, saga: type[Saga]) -> None:
        self.saga = saga
        self.records: dict[UUID, Any] = {}
        self.moved: dict[UUID, Any] = {}
        self.patience: dict[UUID, float | None] = {}
        self.started: list[Attempt] = []
        self.ended: list[Ending] = []

    def locked(self, ids: set[UUID]) -> dict[UUID, Any]:
        """These runs as this turn has moved them, locked in primary-key order until the transaction ends."""
        self.records.update({row.pk: row for row in locked(self.saga.model, ids - self.records.keys())})
        return {key: self.records[key] for key in ids & self.records.keys()}

    def only_forward(self) -> bool:
        """Whether no run of this turn is being undone, or was."""
        return not any(record.reason or record.undoing for record in self.moved.values())

    # Forward

    def ask(self, record: Any, cause: Envelope[Any] | Origin) -> None:
        """Send the command of the current step and start waiting for its answer."""
        step = self.saga.steps[record.step]
        record.state = step.state
        self._send(record, step, step.ask(record), cause, undo=False)
        self._wait(record, step)

    def advance(self, record: Any, facts: dict[str, Any], cause: Envelope[Any] | Origin, outcome: Outcome = Outcome.DONE) -> None:
        """The current step is done: keep its facts and go on with the next, or be complete."""
        step = self.saga.steps[record.step]
        record.facts = {**record.facts, **facts}
        record.error = record.fingerprint = ""
        self.end(record, step, outcome=outcome)
        record.step += 1
        record.attempt = 1
        if record.step < len(self.saga.steps):
            self.ask(record, cause)
        else:
            record.state = COMPLETED
            self._rest(record)
            current_unit().add(self.saga.completed(record), cause=cause)

    # Backward

    def compensate(self, record: Any, failed: Failed, cause: Envelope[Any] | Origin, *, including_current: bool) -> None:
        """Undo what this run may own: all earlier steps, and the current one unless it is known to have done nothing."""
        last = record.step + 1 if including_current else record.step
        undoable = [step for step in self.saga.steps[:last] if step.undo]
        record.reason, record.error, record.fingerprint = failed.reason, failed.error, ""
        record.undoing = [step.name for step in reversed(undoable)]
        record.attempt = 1
        record.state = COMPENSATING
        self.take_back(record, cause)

    def take_back(self, record: Any, cause: Envelope[Any] | Origin) -> None:
        """Send every undo that is still unanswered, or be aborted when there is none."""
        for name in record.undoing:
            self.undo(record, self.saga.step_named(name), cause)
        self.undone(record, None, cause)

    def undo(self, record: Any, step: Step, cause: Envelope[Any] | Origin) -> None:
        """Send the undo of one step, and wait for it unless the run has ended, or is parked and waits for a person."""
        assert step.take_back is not None
        self._send(record, step, step.take_back(record), cause, undo=True)
        if record.state not in TERMINAL and step.name not in record.undoing:
            record.undoing = [*record.undoing, step.name]
        if record.state == COMPENSATING:
            self._wait(record, step)

    def undone(
        self,
        record: Any,
        step: Step | None,
        cause: Envelope[Any] | Origin,
        outcome: Outcome = Outcome.DONE,
        error: str = "",
    ) -> None:
        """``step`` has been undone; with nothing left to undo the run is aborted."""
        if step is not None:
            self.end(record, step, undo=True, outcome=outcome, error=error)
            record.undoing = [name for name in record.undoing if name != step.name]
        if not record.undoing and record.state not in TERMINAL:
            record.state = ABORTED
            self._rest(record)
            current_unit().add(self.saga.aborted(record), cause=cause)

    # Neither

    def park(self, record: Any, error: str, fingerprint: str) -> None:
        """Leave this run alone until its answer comes after all, or a person decides."""
        record.state, record.error, record.fingerprint = NEEDS_ATTENTION, error, fingerprint
        self.keep(record)
        self.patience[record.id] = None

    def end(self, record: Any, step: Step, *, undo: bool = False, outcome: Outcome, error: str = "") -> None:
        """The open attempt of ``step`` is over."""
        self.keep(record)
        ending = Ending(record.id, step.name, undo, outcome, error, time.monotonic())
        self.ended.append(ending)
        for begun in self.started:
            if begun.ending is None and (begun.record_id, begun.step, begun.undo) == (record.id, step.name, undo):
                begun.ending = ending

    def keep(self, record: Any) -> None:
        """This run has changed and must be written. What else it waits for, and until when, stays as it is."""
        self.moved[record.id] = record

    def write(self) -> None:
        """Everything this turn did and has not written yet, in one statement. A deadline is set by the database's clock."""
        if not (self.moved or self.started or self.ended):
            return
        now = time.monotonic()
        endings = columns_of(_ending_rows(self.ended, now), 6)
        attempts = columns_of((attempt.row(now) for attempt in self.started), len(ATTEMPT_COLUMNS) + 2)
        records = columns_of((self._record_row(record) for record in self.moved.values()), len(SAGA_COLUMNS) + 5)
        run(_write_sql(self.saga.model, self.saga.attempts), [*endings, *attempts, *records])
        self.moved, self.patience, self.started, self.ended = {}, {}, [], []

    def _record_row(self, r: Any) -> tuple[Any, ...]:
        moved = (r.id, r.state, r.step, r.attempt, json.dumps(r.facts), r.reason, r.error, r.fingerprint)
        return (*moved, ",".join(r.undoing), r.id in self.patience, self.patience.get(r.id), r.state in TERMINAL)

    def _send(self, record: Any, step: Step, command: Any, cause: Envelope[Any] | Origin, *, undo: bool) -> None:
        command_id = current_unit().add(command, cause=cause)
        self.started.append(
            Attempt(
                record.id, step.name, undo, record.attempt, command_id, cause.actor or current_actor(), began=time.monotonic()
            )
        )

    def _wait(self, record: Any, step: Step) -> None:
        self.moved[record.id] = record
        patience = step.undo_patience if record.undoing else step.patience
        self.patience[record.id] = patience * 2 ** (record.attempt - 1)

    def _rest(self, record: Any) -> None:
        self.moved[record.id] = record
        self.patience[record.id] = None


def _ending_rows(endings: Iterable[Ending], now: float) -> Iterable[tuple[Any, ...]]:
    return ((e.record_id, e.step, e.undo, e.outcome.value, e.error, now - e.at) for e in endings)


@cache
def _write_sql(records: type[SagaRecord], attempts: type[AttemptRecord]) -> str:
    record_names = [name for name, _ in SAGA_COLUMNS]
    return WRITE.format(
        clock="statement_timestamp()",
        attempts=attempts._meta.db_table,
        records=records._meta.db_table,
        attempt_names=", ".join(name for name, _ in ATTEMPT_COLUMNS),
        attempt_holes=", ".join(f"%s::{kind}[]" for _, kind in ATTEMPT_COLUMNS),
        record_names=", ".join(record_names),
        record_holes=", ".join(f"%s::{kind}[]" for _, kind in SAGA_COLUMNS),
        changes=", ".join(f"{name} = v.{name}" for name in record_names),
    )
