"""A review as its author wrote it, and what has become of it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django_fsm import FSMField, FSMModelMixin, transition

from reviews.submissions.states import IN_PUBLIC, VISIBLE, ReviewState

SUBMITTED, QUEUED = ReviewState.SUBMITTED, ReviewState.QUEUED
PUBLISHED, FLAGGED, REJECTED = ReviewState.PUBLISHED, ReviewState.FLAGGED, ReviewState.REJECTED
SEEN = Q(state__in=VISIBLE)
LATEST_FIRST = (F("published_at").desc(), F("id").desc())


class Review(FSMModelMixin, models.Model):
    """What one customer says about one product. Never edited; decided about by machine and people."""

    id = models.UUIDField(primary_key=True, db_comment="Chosen by the client, so that a repeat changes nothing")
    product_id = models.UUIDField()
    customer_id = models.UUIDField(null=True, blank=True, db_comment="Null once its author was erased")
    rating = models.SmallIntegerField(db_comment="Stars, 1 to 5")
    title = models.CharField(max_length=120, blank=True, db_default="")
    body = models.TextField(blank=True, db_default="")
    state = FSMField(max_length=10, choices=ReviewState.choices, default=SUBMITTED, protected=True)
    essence = models.CharField(max_length=400, blank=True, db_default="", db_comment="Letters and digits only, for likeness")
    text_hash = models.CharField(max_length=32, blank=True, db_default="", db_comment="Of the whole text; empty for short ones")
    verified = models.BooleanField(default=False, db_default=False, db_comment="Its author has bought and received the product")
    score = models.SmallIntegerField(default=0, db_default=0, db_comment="How much speaks against it, as last screened")
    counted = models.BooleanField(default=False, db_default=False, db_comment="Whether the product's rating contains it")
    helpful_count = models.IntegerField(default=0, db_default=0)
    flag_count = models.IntegerField(default=0, db_default=0, db_comment="Open flags")
    version = models.BigIntegerField(default=0, db_default=0, db_comment="Grows with every decision and flag")
    submitted_at = models.DateTimeField(db_default=Now(), editable=False)
    waiting_since = models.DateTimeField(null=True, blank=True, db_comment="Since when it waits for a person")
    decided_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True, db_comment="When it was first seen by everybody")
    approved_at = models.DateTimeField(null=True, blank=True, db_comment="When a person last found it right")
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("customer_id", "product_id"), name="review_once_per_customer_and_product"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="review_rating_in_range"),
            models.CheckConstraint(condition=Q(state__in=ReviewState.values), name="review_state_known"),
            models.CheckConstraint(condition=Q(helpful_count__gte=0), name="review_helpful_not_negative"),
            models.CheckConstraint(condition=Q(flag_count__gte=0), name="review_flags_not_negative"),
            models.CheckConstraint(condition=~SEEN | Q(published_at__isnull=False), name="review_seen_since"),
            models.CheckConstraint(
                condition=Q(state__in=(QUEUED, FLAGGED), waiting_since__isnull=False)
                | (~Q(state__in=(QUEUED, FLAGGED)) & Q(waiting_since__isnull=True)),
                name="review_waiting_only_for_a_person",
            ),
        )
        indexes = (
            models.Index(F("product_id"), *LATEST_FIRST, condition=SEEN, name="review_newest"),
            models.Index(F("product_id"), F("rating").desc(), *LATEST_FIRST, condition=SEEN, name="review_highest"),
            models.Index(F("product_id"), F("rating").asc(), *LATEST_FIRST, condition=SEEN, name="review_lowest"),
            models.Index(F("product_id"), F("helpful_count").desc(), *LATEST_FIRST, condition=SEEN, name="review_most_helpful"),
            models.Index(fields=("waiting_since", "id"), condition=Q(waiting_since__isnull=False), name="review_waiting"),
            models.Index(fields=("state", "-submitted_at", "-id"), name="review_by_state"),
            models.Index(fields=("-submitted_at", "-id"), name="review_latest"),
            models.Index(fields=("product_id", "-submitted_at"), name="review_of_product"),
            models.Index(fields=("customer_id", "-submitted_at"), name="review_of_customer"),
            models.Index(fields=("text_hash",), condition=~Q(text_hash=""), name="review_same_text"),
            models.Index(fields=("-decided_at",), condition=Q(state=REJECTED), name="review_rejected"),
            models.Index(fields=("-published_at",), condition=SEEN, name="review_published"),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def seen(self) -> bool:
        """Whether everybody can read it."""
        return self.state in VISIBLE

    @property
    def status(self) -> str:
        """The published word for its state."""
        return IN_PUBLIC[ReviewState(self.state)]

    @transition(field=state, source=(SUBMITTED, QUEUED, REJECTED), target=PUBLISHED)
    def publish(self, *, at: datetime) -> None:
        """Let everybody see it."""
        self.published_at, self.waiting_since = self.published_at or at, None

    @transition(field=state, source=SUBMITTED, target=QUEUED)
    def queue(self, *, at: datetime) -> None:
        """A person has to look before anybody else does."""
        self.waiting_since = at

    @transition(field=state, source=PUBLISHED, target=FLAGGED)
    def flag(self, *, at: datetime) -> None:
        """Somebody reported it; it stays to be seen."""
        self.waiting_since = at

    @transition(field=state, source=FLAGGED, target=PUBLISHED)
    def keep(self) -> None:
        """The report does not hold, or not enough."""
        self.waiting_since = None

    @transition(field=state, source=(SUBMITTED, QUEUED, PUBLISHED, FLAGGED), target=REJECTED)
    def reject(self) -> None:
        """Nobody sees it, or no longer."""
        self.waiting_since = None

    @transition(field=state, source=(PUBLISHED, REJECTED), target=QUEUED)
    def return_to_queue(self, *, at: datetime) -> None:
        """A decision was taken back: it waits for a person again."""
        self.waiting_since = at

    @transition(field=state, source=(PUBLISHED, REJECTED), target=FLAGGED)
    def return_to_flagged(self, *, at: datetime) -> None:
        """A decision about its flags was taken back: they are open again."""
        self.published_at, self.waiting_since = self.published_at or at, at
