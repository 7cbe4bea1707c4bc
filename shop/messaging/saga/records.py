"""The tables a saga needs. A department makes them concrete and adds its own columns."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Outcome(models.TextChoices):
    WAITING = "waiting", "Waiting for an answer"  # → every other
    DONE = "done", "Done"
    FAILED = "failed", "Refused"
    NO_ANSWER = "no_answer", "No answer in time"
    SKIPPED = "skipped", "Skipped by an operator"
    GIVEN_UP = "given_up", "Given up"


class SagaRecord(models.Model):
    """One run of a saga: where it stands, what it has learnt, and until when it waits.

    ``state`` holds the current step's state, or one of the saga's own. ``step`` counts from 0; ``undoing`` names the steps whose
    undo is still unanswered. ``facts`` is what replies taught it. Times are UTC by the database's clock.
    """

    id = models.UUIDField(primary_key=True)
    state = models.CharField(max_length=30)
    step = models.PositiveSmallIntegerField(default=0, db_default=0)
    attempt = models.PositiveSmallIntegerField(default=1, db_default=1, db_comment="Of the current step, or of the undo")
    undoing = ArrayField(models.CharField(max_length=60), default=list, db_default=[], blank=True)
    facts = models.JSONField(default=dict, db_default={})
    opening = models.TextField(db_comment="Payload of the event that started it")
    correlation_id = models.UUIDField()
    reason = models.CharField(
        max_length=40, blank=True, db_default="", db_comment="Why it is being undone or was aborted; a published code"
    )
    error = models.TextField(blank=True, db_default="", db_comment="What was last seen going wrong, for operators")
    fingerprint = models.CharField(max_length=16, blank=True, db_default="")
    version = models.PositiveIntegerField(default=1, db_default=1)
    due_at = models.DateTimeField(null=True, db_comment="The deadline of the current wait; null when it waits for nobody")
    started_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        indexes = (
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="%(class)s_due"),
            models.Index(fields=["state", "-id"], name="%(class)s_state"),
            models.Index(fields=["-started_at", "-id"], name="%(class)s_started"),
            models.Index(fields=["fingerprint", "-id"], condition=~Q(fingerprint=""), name="%(class)s_cause"),
        )


class AttemptRecord(models.Model):
    """One try of one step, or of its undo: what was sent, when, and how it ended. ``record`` is the saga's row."""

    id = models.BigAutoField(primary_key=True)
    step = models.CharField(max_length=60)
    undo = models.BooleanField(default=False)
    attempt = models.PositiveSmallIntegerField()
    command_id = models.UUIDField()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    error = models.TextField(blank=True, default="", db_default="")
    actor = models.CharField(max_length=120)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        indexes = (models.Index(fields=["record", "id"], name="%(class)s_record"),)
