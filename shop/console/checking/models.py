"""What came of checking everything that must always be true, the last times it was."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class InvariantRun(models.Model):
    """Every check once, one after the other. ``position`` says how many are done, so it goes on there after a crash."""

    id = models.UUIDField(primary_key=True)
    actor = models.CharField(max_length=120)
    total = models.PositiveSmallIntegerField(db_comment="How many checks there were when it began")
    position = models.PositiveSmallIntegerField(default=0)
    violations = models.PositiveIntegerField(default=0, db_comment="How many were found so far")
    unchecked = models.PositiveSmallIntegerField(default=0, db_comment="How many checks failed themselves, so say nothing")
    results = models.JSONField(default=list, db_comment="One object per check: name, seconds, found, count, error")
    begun_at = models.DateTimeField(db_default=Now())
    moved_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, db_comment="Without a result of every check: it was given up")

    class Meta:
        verbose_name = "run of the invariants"
        verbose_name_plural = "runs of the invariants"
        constraints = (
            models.CheckConstraint(condition=Q(position__lte=models.F("total")), name="invariant_run_checks_once"),
            # Looking twice at the same time finds nothing more and costs twice.
            models.UniqueConstraint(models.Value(1), condition=Q(ended_at__isnull=True), name="invariant_run_one_at_a_time"),
        )

    def __str__(self) -> str:
        return f"run {self.pk}"

    @property
    def complete(self) -> bool:
        """Whether everything was looked at; a run that was given up says nothing about the rest."""
        return self.position == self.total

    @property
    def holds(self) -> bool:
        """Whether everything was checked and nothing found."""
        return self.complete and not self.violations and not self.unchecked
