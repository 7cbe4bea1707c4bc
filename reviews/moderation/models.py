"""Every decision about a review: what, why, by whom, and what spoke for it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from reviews.moderation.states import RejectionReason, Verdict
from reviews.submissions.models import Review
from reviews.submissions.states import ReviewState


class ModerationDecision(models.Model):
    """One decision. Append-only; taking one back is another one."""

    id = models.BigAutoField(primary_key=True)
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    verdict = models.CharField(max_length=10, choices=Verdict)
    state_before = models.CharField(max_length=10, choices=ReviewState)
    state_after = models.CharField(max_length=10, choices=ReviewState)
    reason = models.CharField(max_length=20, choices=RejectionReason, blank=True, db_default="", db_comment="Of a rejection")
    note = models.CharField(max_length=250, blank=True, db_default="")
    score = models.SmallIntegerField(default=0, db_default=0)
    signals = models.JSONField(default=list, db_comment="What spoke for and against it, in words")
    decided_by = models.CharField(max_length=120)
    by_person = models.BooleanField()
    undoes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False, db_comment="What it takes back"
    )
    message_id = models.UUIDField(null=True, blank=True, db_comment="The message that caused it")
    decided_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "moderation decision"
        constraints = (
            models.UniqueConstraint(fields=("undoes",), condition=Q(undoes__isnull=False), name="decision_undone_once"),
            models.CheckConstraint(condition=~Q(verdict=Verdict.REJECT) | ~Q(reason=""), name="decision_rejection_has_a_reason"),
        )
        indexes = (
            models.Index(fields=("review", "-id"), name="decision_of_review"),
            models.Index(fields=("decided_by", "-id"), condition=Q(by_person=True), name="decision_of_person"),
            models.Index(fields=("-id",), condition=Q(by_person=True), name="decision_by_people"),
            models.Index(fields=("verdict", "-id"), name="decision_by_verdict"),
        )

    def __str__(self) -> str:
        return f"{self.verdict} {self.review_id}"
