"""Reports of reviews by customers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from reviews.flags.states import FlagOutcome, FlagReason
from reviews.submissions.models import Review


class ReviewFlag(models.Model):
    """One customer's report of one review; a second one of the same customer changes nothing."""

    id = models.BigAutoField(primary_key=True)
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="flags", db_index=False)
    flagged_by = models.UUIDField(null=True, blank=True, db_comment="Null once the customer was erased")
    reason = models.CharField(max_length=16, choices=FlagReason)
    notes = models.CharField(max_length=1000, blank=True, db_default="")
    outcome = models.CharField(max_length=10, choices=FlagOutcome, default=FlagOutcome.OPEN, db_default=FlagOutcome.OPEN)
    decision_id = models.BigIntegerField(null=True, blank=True, db_comment="The decision that closed it")
    flagged_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "flag"
        constraints = (
            models.UniqueConstraint(fields=("review", "flagged_by"), name="flag_once_per_customer_and_review"),
            models.CheckConstraint(
                condition=Q(outcome=FlagOutcome.OPEN, decision_id__isnull=True)
                | (~Q(outcome=FlagOutcome.OPEN) & Q(decision_id__isnull=False)),
                name="flag_closed_by_a_decision",
            ),
        )
        indexes = (
            models.Index(fields=("flagged_by", "-flagged_at"), name="flag_of_customer"),
            models.Index(fields=("decision_id",), condition=Q(decision_id__isnull=False), name="flag_of_decision"),
        )

    def __str__(self) -> str:
        return f"{self.reason} {self.review_id}"
