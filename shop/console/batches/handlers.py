"""Batches, step by step. Each step is mail to ourselves: a killed worker costs the rows of one step at most, and repeats none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db.models.functions import Now

from shop.console.batches import pruning
from shop.console.batches.models import OPEN, Batch
from shop.console.batches.retrying import wait_again
from shop.console.batches.states import BatchState
from shop.console.batches.working import CannotGoOn, may, work_chunk
from shop.contracts.console import ContinueBatch, PruneBatches, RetryBatch, RunBatch, StopBatch
from shop.messaging.bus import send
from shop.messaging.context import current_actor
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Missing, Refused
from shop.messaging.handlers import in_batches
from shop.messaging.outgoing import current_unit
from shop.messaging.routing import switchboard
from shop.messaging.sets import fetch_rows

LATER: Final = "SELECT now() + make_interval(secs => %s)"


@in_batches(1)
def run_batch(batch: Sequence[Envelope[RunBatch]]) -> None:
    """Act on the next rows, and ask for more until there are none."""
    (envelope,) = batch
    found = Batch.objects.select_for_update().filter(pk=envelope.message.batch_id).first()
    if found is None or found.status not in OPEN or found.position != envelope.message.after:
        return  # stopped, or an old command again
    written: dict[str, Any] = {"moved_at": Now()}
    try:
        handled = work_chunk(found)
    except CannotGoOn as why:
        found.stop(str(why))
        _save(found, "status", "note", moved_at=Now(), ended_at=Now())
        return
    if found.run_at is None:  # how fast it is, its first step cannot tell
        written |= {"run_at": Now(), "run_from": found.handled}
    if handled and found.waiting:
        found.run()
        _ask_for_more(found, handled, envelope)
    else:
        found.finish()
        written["ended_at"] = Now()
    _save(found, "status", "position", "done", "refused", "failed", **written)


def _ask_for_more(batch: Batch, handled: int, envelope: Envelope[RunBatch]) -> None:
    """A step of its own, never a part of this transaction: what is done is done, and its locks are let go."""
    pause = 60 * handled / batch.per_minute if batch.per_minute else 0.0
    ((due_at,),) = fetch_rows(LATER, [pause])
    send(RunBatch(batch_id=batch.pk, after=batch.position), cause=envelope, due_at=due_at)
    if not pause:
        current_unit().waiting.update(switchboard().routes(RunBatch))


def stop_batch(command: StopBatch) -> None:
    """Leave the rest untouched. Raises ``Missing`` (404), ``Refused`` (409) for one that has ended."""
    batch = _locked(command.batch_id)
    if batch.status not in OPEN:
        raise Refused("batch_ended", f"It is {batch.get_status_display().lower()}.")
    batch.stop(f"{current_actor()} stopped it: {command.reason}")
    _save(batch, "status", "note", moved_at=Now(), ended_at=Now())


def continue_batch(command: ContinueBatch) -> None:
    """Go on with the rows that wait. Raises ``Missing`` (404), ``Refused`` (409) unless it is stopped and the actor may."""
    batch = _locked(command.batch_id)
    if batch.status != BatchState.STOPPED:
        raise Refused("batch_not_stopped", f"It is {batch.get_status_display().lower()}.")
    _go_on(batch)


def retry_batch(command: RetryBatch) -> None:
    """Try again what was refused or failed. Raises ``Missing`` (404), ``Refused`` (409) unless it is done and the actor may."""
    batch = _locked(command.batch_id)
    if batch.status != BatchState.DONE or not (batch.refused or batch.failed):
        raise Refused("nothing_to_retry", "Only rows of a batch that is done are tried again, if any was refused or failed.")
    wait_again(batch)
    batch.refused = batch.failed = batch.position = 0
    _go_on(batch)


def prune_batches(command: PruneBatches) -> None:
    """Remove what is older than it is kept."""
    pruning.prune(command)


def _go_on(batch: Batch) -> None:
    if not may(current_actor(), batch.permission, apps.get_model(batch.model)):
        raise Refused("not_permitted", "You may not use this verb on these rows yourself.")
    batch.go_on(current_actor())
    fields = ("status", "actor", "note", "run_at", "run_from", "position", "refused", "failed")
    _save(batch, *fields, moved_at=Now(), ended_at=None)
    send(RunBatch(batch_id=batch.pk, after=batch.position))


def _locked(batch_id: UUID) -> Batch:
    found = Batch.objects.select_for_update().filter(pk=batch_id).first()
    if found is None:
        raise Missing("batch_not_found", "There is no such batch any more.")
    return found


def _save(batch: Batch, *fields: str, **written: Any) -> None:
    for name, value in written.items():
        setattr(batch, name, value)
    batch.save(update_fields=[*fields, *written])
