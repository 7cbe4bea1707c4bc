"""What an operator does to many rows: the verb, the rows as he saw them, and what came of each."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django_fsm import FSMField, transition

from shop.console.batches.states import BatchState, Outcome, Selection

OPEN = (BatchState.WAITING, BatchState.RUNNING)
ENDED = (BatchState.DONE, BatchState.STOPPED)


class Batch(models.Model):
    """One verb on its way through many rows. ``position`` says where it goes on after a crash; counts are of rows."""

    id = models.UUIDField(primary_key=True)
    verb = models.CharField(max_length=40)
    model = models.CharField(max_length=80, db_comment="Whose rows, as app.model")
    permission = models.CharField(max_length=140, db_comment="What its actor needs; whoever has it sees the batch")
    actor = models.CharField(max_length=120, db_comment="In whose name it acts now")
    reason = models.CharField(max_length=500)
    given = models.JSONField(db_comment="The form as it was sent, to be read again by whoever acts")
    selection = models.CharField(max_length=10, choices=Selection.choices)
    query = models.TextField(blank=True, db_comment="The cause, or the list's address; never an e-mail address")
    per_minute = models.PositiveIntegerField(null=True, db_comment="At most so many rows a minute")
    status = FSMField(choices=BatchState.choices, default=BatchState.WAITING, protected=True)
    note = models.CharField(max_length=500, blank=True, db_comment="Why it stopped")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0, db_comment="The last row that was dealt with")
    correlation_id = models.UUIDField(db_comment="The chain of the request that began it, and of what it does")
    request_id = models.CharField(max_length=64, blank=True, db_comment="The request that began it, as the logs name it")
    created_at = models.DateTimeField(db_default=Now())
    run_at = models.DateTimeField(null=True, db_comment="When it began to run, the last time it did")
    run_from = models.PositiveIntegerField(default=0, db_comment="How many rows had been dealt with then")
    moved_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "batches"
        constraints = (
            models.CheckConstraint(condition=Q(total__gte=F("done") + F("refused") + F("failed")), name="batch_counts_rows_once"),
        )
        indexes = (
            models.Index(fields=["moved_at"], condition=Q(status__in=OPEN), name="batch_open"),
            models.Index(fields=["actor", "-id"], name="batch_by_actor"),
            models.Index(fields=["permission", "-id"], name="batch_by_permission"),
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="batch_to_prune"),
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.model}"

    @property
    def version(self) -> str:
        """What an operator sees of it that matters for what he may do: it moves all the time."""
        return str(self.status)

    @property
    def handled(self) -> int:
        """How many rows are dealt with, whatever came of them."""
        return self.done + self.refused + self.failed

    @property
    def waiting(self) -> int:
        """How many rows are untouched so far."""
        return self.total - self.handled

    @property
    def percent(self) -> int:
        """How far it is; 100 only when no row waits."""
        return 100 if not self.waiting else min(99, self.handled * 100 // self.total)

    @transition(field=status, source=OPEN, target=BatchState.RUNNING)
    def run(self) -> None:
        """Some rows are dealt with, more wait."""

    @transition(field=status, source=OPEN, target=BatchState.DONE)
    def finish(self) -> None:
        """Every row is dealt with."""

    @transition(field=status, source=OPEN, target=BatchState.STOPPED)
    def stop(self, why: str) -> None:
        """What is not done stays untouched."""
        self.note = why[:500]

    @transition(field=status, source=ENDED, target=BatchState.WAITING)
    def go_on(self, actor: str) -> None:
        """From now on in the name of whoever said so: his rights count."""
        self.actor, self.note, self.run_at, self.run_from = actor, "", None, self.handled


class BatchRow(models.Model):
    """One row of a batch, in the order of the keys, so that locks are taken in one order. What it is called is not kept: that
    may be somebody's e-mail address."""

    pk = models.CompositePrimaryKey("batch", "position")
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows", db_index=False)
    position = models.PositiveIntegerField()
    key = models.TextField()
    seen = models.TextField(blank=True, db_comment="The version it had when it was chosen")
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING)
    sentence = models.TextField(blank=True)

    class Meta:
        verbose_name = "row of a batch"
        indexes = (models.Index(fields=["batch", "outcome", "position"], name="batch_row_by_outcome"),)

    def __str__(self) -> str:
        return f"row {self.position}"
