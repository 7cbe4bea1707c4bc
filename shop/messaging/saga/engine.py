"""What moves a saga: a batch of events in, rows locked in key order, one turn, everything written at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from shop.messaging.envelope import Envelope
from shop.messaging.handlers import in_batches
from shop.messaging.outgoing import current_unit
from shop.messaging.saga.declaration import COMPLETED, Failed, Saga, Step
from shop.messaging.saga.records import Outcome
from shop.messaging.saga.turn import Turn
from shop.messaging.sets import all_columns, insert_rows, instance

BATCH = 100


def moving(saga: type[Saga]) -> Callable[[Sequence[Envelope[Any]]], None]:
    """The set-based handler of everything ``saga`` listens to."""

    @in_batches(BATCH)
    def move(batch: Sequence[Envelope[Any]]) -> None:
        handle(saga, batch)

    return move


def handle(saga: type[Saga], batch: Sequence[Envelope[Any]]) -> None:
    """Move every run that ``batch`` concerns: start new ones, advance, undo, or notice that a reply comes too late."""
    unit = current_unit()
    turn = unit.last_words.setdefault(saga.name, Turn(saga))
    assert isinstance(turn, Turn)
    _start(turn, [envelope for envelope in batch if isinstance(envelope.message, saga.started_by)])
    replies = [envelope for envelope in batch if not isinstance(envelope.message, saga.started_by)]
    records = turn.locked({session for session in (saga.session_of(reply.message) for reply in replies) if session})
    for envelope in replies:
        session = saga.session_of(envelope.message)
        record = records.get(session) if session else None
        if record is not None:
            take_reply(turn, record, envelope)
    if not turn.only_forward():
        turn.write()  # whoever is asked to undo may look at what became of the run


def _start(turn: Turn, openings: Sequence[Envelope[Any]]) -> None:
    if not openings:
        return
    saga = turn.saga
    rows = {row[0]: (row, envelope) for envelope in openings for row in [saga.open(envelope)]}
    inserted = insert_rows(
        saga.model._meta.db_table,
        saga.opening_columns,
        [row for row, _ in rows.values()],
        tail=f"ON CONFLICT DO NOTHING RETURNING {all_columns(saga.model)}",  # one opening, one run: a replay finds it there
    )
    for record in sorted((instance(saga.model, row) for row in inserted), key=lambda record: record.pk):
        turn.records[record.pk] = record
        turn.ask(record, rows[record.pk][1])


def take_reply(turn: Turn, record: Any, envelope: Envelope[Any]) -> None:
    """Apply one reply to one run. What it does not wait for is either undone, if it is a late success, or old news."""
    reply = envelope.message
    step, part = _step_of(turn.saga, type(reply))
    if part == "undone":
        if step.name in record.undoing:
            turn.undone(record, step, envelope)
        else:
            turn.end(record, step, undo=True, outcome=Outcome.DONE)
        return
    if _waits_for(turn.saga, record, step):
        if part == "done":
            turn.advance(record, dict(step.learn(record, reply)), envelope)
        else:
            failed = step.why(reply) if step.why else Failed("ERROR", f"{type(reply).message_name()}")
            turn.end(record, step, outcome=Outcome.FAILED, error=failed.error)
            turn.compensate(record, failed, envelope, including_current=False)
    elif part == "done" and step.undo and _was_given_up(record) and not _still_owned(turn, record, step):
        turn.end(record, step, outcome=Outcome.DONE)
        if step.name not in record.undoing:
            turn.undo(record, step, envelope)


def _waits_for(saga: type[Saga], record: Any, step: Step) -> bool:
    undoing = bool(record.undoing) or _was_given_up(record)
    return not undoing and record.step < len(saga.steps) and saga.steps[record.step] is step


def _was_given_up(record: Any) -> bool:
    """Whether this run goes, or went, backward. A reason is given exactly then."""
    return bool(record.reason) and record.state != COMPLETED


def _still_owned(turn: Turn, record: Any, step: Step) -> bool:
    """Whether the undo of ``step`` has been sent and will be, or was, answered: then a repeated old success means nothing."""
    turn.write()  # what this very transaction has sent counts too
    # The foreign key is added where a department makes the table concrete.
    attempts = turn.saga.attempts._default_manager.filter(record_id=record.pk, step=step.name, undo=True)  # type: ignore[misc]
    return bool(attempts.exists())


def _step_of(saga: type[Saga], event: type[Any]) -> tuple[Step, str]:
    for step in saga.steps:
        for part in ("done", "failed", "undone"):
            if getattr(step, part) is event:
                return step, part
    raise LookupError(f"{saga.__name__} does not wait for {event.full_name()}")
