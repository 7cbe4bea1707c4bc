"""Who found which review helpful."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from reviews.submissions.models import Review


class ReviewVote(models.Model):
    """One customer's vote for one review. Taken back, it is gone."""

    id = models.BigAutoField(primary_key=True)
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="votes", db_index=False)
    customer_id = models.UUIDField()
    voted_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "helpful vote"
        constraints = (models.UniqueConstraint(fields=("review", "customer_id"), name="vote_once_per_customer_and_review"),)
        indexes = (models.Index(fields=("customer_id", "-voted_at"), name="vote_of_customer"),)

    def __str__(self) -> str:
        return f"{self.customer_id} {self.review_id}"
