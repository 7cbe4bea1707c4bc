"""What an operator can do to a batch that is under way, or was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shop.console.batches.models import OPEN, Batch
from shop.console.batches.states import BatchState
from shop.console.verbs import CommandVerb
from shop.contracts.base import Command
from shop.contracts.console import ContinueBatch, RetryBatch, StopBatch


class BatchVerb(CommandVerb):
    """One batch at a time."""

    bulk = False

    def chain(self, row: Batch) -> UUID | None:
        return row.correlation_id

    def snapshot(self, row: Batch) -> dict[str, Any]:
        return {"status": str(row.status), "actor": row.actor, "done": row.done, "refused": row.refused, "failed": row.failed}


class Stop(BatchVerb):
    """No further row."""

    name, label, icon, tone = "stop", "Stop", "stop_circle", "bad"
    meaning = "Rows that are not done stay as they are. What is done is done. It can go on later."

    def refusal(self, row: Batch) -> str:
        return "" if row.status in OPEN else f"It is {row.get_status_display().lower()}."

    def command(self, row: Batch, given: Mapping[str, Any]) -> Command:
        return StopBatch(batch_id=row.pk, reason=str(given["reason"])[:250])

    def sentence(self, row: Batch, answer: Any) -> str:
        return "stops here."


class GoOn(BatchVerb):
    """With the rest."""

    name, label, icon, tone = "continue", "Go on", "play_circle", "good"
    meaning = (
        "Goes on with the rows that are not done, in your name and with your rights. Rows that changed meanwhile are refused."
    )

    def refusal(self, row: Batch) -> str:
        return "" if row.status == BatchState.STOPPED else f"It is {row.get_status_display().lower()}."

    def command(self, row: Batch, given: Mapping[str, Any]) -> Command:
        return ContinueBatch(batch_id=row.pk)

    def sentence(self, row: Batch, answer: Any) -> str:
        return "goes on."


class TryAgain(BatchVerb):
    """What was refused or failed."""

    name, label, icon, tone = "retry", "Try the refused ones again", "replay", "good"
    meaning = "Rows that were refused or failed are tried again as they are now, in your name and with your rights."

    def refusal(self, row: Batch) -> str:
        if row.status == BatchState.STOPPED:
            return "Let it go on first."
        if row.status in OPEN:
            return f"It is still {row.get_status_display().lower()}."
        return "" if row.refused or row.failed else "No row was refused."

    def command(self, row: Batch, given: Mapping[str, Any]) -> Command:
        return RetryBatch(batch_id=row.pk)

    def sentence(self, row: Batch, answer: Any) -> str:
        return "tries them again."


VERBS = (Stop(), GoOn(), TryAgain())
