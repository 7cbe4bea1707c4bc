"""What an operator can do with a run. One service behind the admin and ``manage.py saga``: each verb locks the row, refuses
what the state does not allow, and leaves an audit row with before and after in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from shop.messaging.audit import LONGEST_REASON, record_action, valid_reason
from shop.messaging.context import current_actor
from shop.messaging.delivery.retrying import retrying
from shop.messaging.envelope import Origin
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.outgoing import unit_of_work
from shop.messaging.saga.deadlines import repeat
from shop.messaging.saga.declaration import COMPENSATING, Failed, Saga
from shop.messaging.saga.explain import verbs_for
from shop.messaging.saga.records import Outcome
from shop.messaging.saga.turn import Turn
from shop.messaging.sets import fetch_rows, locked, run

BY_OPERATOR = "CANCELLED_BY_OPERATOR"

# Commands of the current step that could still have, or already had, their effect.
STEP_DELIVERIES = """
    SELECT d.id, d.status FROM {attempts} a JOIN messaging_delivery d ON d.message_id = a.command_id
    WHERE a.record_id = %s AND a.step = %s AND NOT a.undo ORDER BY d.id FOR UPDATE OF d
"""
# Retention removes mail only when it is done: a command that is gone was carried out.
TIMES_ASKED = "SELECT count(*) FROM {attempts} a WHERE a.record_id = %s AND a.step = %s AND NOT a.undo"
CALL_BACK = "UPDATE messaging_delivery SET status = 'discarded', error = %s WHERE id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Result:
    """What happened to one run: ``ok`` and a sentence for the operator."""

    id: UUID
    ok: bool
    sentence: str


Act = Callable[[Turn, Any, Origin], str]


def retry(saga: type[Saga], session: UUID, *, reason: str, seen_version: int | None = None) -> Result:
    """Ask again what the run waits for, with patience starting anew."""

    def act(turn: Turn, record: Any, cause: Origin) -> str:
        for step in _current_steps(saga, record):
            turn.end(record, step, undo=bool(record.undoing), outcome=Outcome.NO_ANSWER, error="asked again by an operator")
        record.attempt = 1
        record.error = record.fingerprint = ""
        record.state = COMPENSATING if record.undoing else record.state
        repeat(turn, record, cause)
        return f"asked again for {_what(saga, record)}"

    return _apply(saga, session, "retry", reason, act, seen_version)


def skip(
    saga: type[Saga],
    session: UUID,
    *,
    reason: str,
    evidence: str,
    facts: Mapping[str, Any] | None = None,
    seen_version: int | None = None,
) -> Result:
    """Take the current step (or undo) as done outside, on ``evidence``; ``facts`` is what its answer would have taught."""
    shown = valid_evidence(evidence)

    def act(turn: Turn, record: Any, cause: Origin) -> str:
        what = _what(saga, record)
        if record.undoing:
            for name in list(record.undoing):
                turn.undone(record, saga.step_named(name), cause, outcome=Outcome.SKIPPED, error=shown)
        else:
            learnt = {**dict(facts or {}), "skipped": {**record.facts.get("skipped", {}), what: shown}}
            _advance(turn, record, learnt, cause)
        return f"took {what} as done"

    return _apply(saga, session, "skip", reason, act, seen_version, evidence=shown)


def valid_evidence(evidence: str) -> str:
    """The evidence as it is kept. Raises ``Invalid`` when there is none, or more than fits."""
    kept = evidence.strip().replace("\x00", "")
    if not kept:
        raise Invalid("evidence_required", "Say what shows that it was done: a reference somebody can look up.")
    if len(kept) > LONGEST_REASON:
        raise Invalid("evidence_too_long", f"Keep the evidence under {LONGEST_REASON} characters.")
    return kept


def _advance(turn: Turn, record: Any, facts: dict[str, Any], cause: Origin) -> None:
    skipped = turn.saga.steps[record.step].name
    try:
        turn.advance(record, facts, cause, outcome=Outcome.SKIPPED)
    except (KeyError, ValidationError) as missing:
        named = f" ({missing.args[0]})" if isinstance(missing, KeyError) else ""
        raise Invalid(
            "facts_required", f"What follows {skipped} needs what its answer would have taught{named}: give it as facts."
        ) from missing


def compensate(saga: type[Saga], session: UUID, *, reason: str, seen_version: int | None = None) -> Result:
    """Turn back: undo what the run may own, then abort. At the pivot only if its command can still be called back."""

    def act(turn: Turn, record: Any, cause: Origin) -> str:
        step = saga.steps[record.step]
        if saga.past_the_pivot(record.step):
            _call_back(saga, record, step.name, reason)
        turn.end(record, step, outcome=Outcome.GIVEN_UP, error="turned back by an operator")
        turn.compensate(record, Failed(BY_OPERATOR, reason), cause, including_current=True)
        return f"turning back from {step.name}"

    return _apply(saga, session, "compensate", reason, act, seen_version)


def abandon(saga: type[Saga], session: UUID, *, reason: str, seen_version: int | None = None) -> Result:
    """End a parked run as aborted without waiting for anything more. What it still owned is left to its owners' own expiry."""

    def act(turn: Turn, record: Any, cause: Origin) -> str:
        if not record.undoing and saga.past_the_pivot(record.step):
            _call_back(saga, record, saga.steps[record.step].name, reason)
        for step in _current_steps(saga, record):
            turn.end(record, step, undo=bool(record.undoing), outcome=Outcome.GIVEN_UP, error="abandoned by an operator")
        record.reason = record.reason or BY_OPERATOR
        record.undoing = []
        turn.undone(record, None, cause)
        return "abandoned"

    return _apply(saga, session, "abandon", reason, act, seen_version)


def in_bulk(saga: type[Saga], verb: str, sessions: Sequence[UUID], **how: Any) -> list[Result]:
    """One verb over many runs, each in its own transaction; a refused one does not stop the others."""
    return [_one_of_many(saga, verb, session, how) for session in sessions]


def _one_of_many(saga: type[Saga], verb: str, session: UUID, how: Mapping[str, Any]) -> Result:
    act: Callable[..., Result] = VERBS[verb]
    try:
        return act(saga, session, **how)
    except Refused as refusal:
        return Result(session, False, refusal.message)


VERBS: dict[str, Callable[..., Result]] = {"retry": retry, "skip": skip, "compensate": compensate, "abandon": abandon}


def _apply(
    saga: type[Saga],
    session: UUID,
    verb: str,
    reason: str,
    act: Act,
    seen_version: int | None,
    **details: Any,
) -> Result:
    kept_reason = valid_reason(reason)

    def work() -> str:
        with unit_of_work():
            record = _find(saga, session)
            _refuse_unless_allowed(saga, record, verb, seen_version)
            before = _snapshot(record)
            turn = Turn(saga)
            sentence = act(turn, record, Origin(record.correlation_id, current_actor()))
            turn.write()
            record_action(
                verb=f"saga.{verb}",
                target_type=saga.model._meta.label_lower,
                target_id=session,
                reason=kept_reason,
                before=before,
                after={**_snapshot(record), **details},
            )
            return sentence

    return Result(session, True, retrying(work))


def _find(saga: type[Saga], session: UUID) -> Any:
    (record,) = locked(saga.model, {session}) or (None,)
    if record is None:
        raise Missing("saga_not_found", f"There is no {saga.name} {session}.")
    return record


def _refuse_unless_allowed(saga: type[Saga], record: Any, verb: str, seen_version: int | None) -> None:
    if seen_version is not None and record.version != seen_version:
        raise Refused("saga_changed", f"It has moved on to {record.state} since you looked; look again.")
    allowed = verbs_for(saga, record)
    if verb not in allowed:
        can = f"you can {', '.join(allowed)}" if allowed else "nothing can be done to it"
        raise Refused("not_allowed_now", f"It is {record.state}: {verb} is not possible; {can}.")


def _call_back(saga: type[Saga], record: Any, step: str, reason: str) -> None:
    table = saga.attempts._meta.db_table
    rows = fetch_rows(STEP_DELIVERIES.format(attempts=table), [record.pk, step])
    ((asked,),) = fetch_rows(TIMES_ASKED.format(attempts=table), [record.pk, step])
    if len(rows) < asked or any(status in ("done", "leased") for _, status in rows):
        raise Refused("past_the_pivot", f"{step} has been carried out or is being carried out: it can only go forward.")
    run(CALL_BACK, [f"called back: {reason}", [delivery_id for delivery_id, _ in rows]])


def _current_steps(saga: type[Saga], record: Any) -> list[Any]:
    return [saga.step_named(name) for name in record.undoing] or [saga.steps[record.step]]


def _what(saga: type[Saga], record: Any) -> str:
    steps = " and ".join(step.name for step in _current_steps(saga, record))
    return f"the undo of {steps}" if record.undoing else steps


def _snapshot(record: Any) -> dict[str, Any]:
    return {
        "state": record.state,
        "step": record.step,
        "attempt": record.attempt,
        "undoing": list(record.undoing),
        "reason": record.reason,
        "error": record.error,
    }
