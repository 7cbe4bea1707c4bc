"""The search index: documents in two halves, of which one answers and the other is free for the next generation."""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django_fsm import FSMField, transition

from catalog.search.states import DocumentState, GenerationState

HALVES: Final = (1, 2)
OPEN: Final = (GenerationState.BUILDING, GenerationState.LIVE)


class SearchGeneration(models.Model):
    """One life of the index in one half of the table: built, answering, replaced, emptied."""

    id = models.BigAutoField(primary_key=True)
    half = models.PositiveSmallIntegerField(db_comment="Partition of catalog_searchdocument its documents are in")
    status = FSMField(choices=GenerationState.choices, default=GenerationState.BUILDING, protected=True)
    config = models.CharField(max_length=63, db_comment="Text search configuration its words were stemmed with")
    reason = models.CharField(max_length=500, blank=True, db_default="")
    started_by = models.CharField(max_length=120, blank=True, db_default="")
    started_at = models.DateTimeField(db_default=Now())
    cursor = models.UUIDField(null=True, blank=True, db_comment="The last product that was filled in")
    filled = models.BigIntegerField(default=0, db_default=0)
    expected = models.BigIntegerField(default=0, db_default=0, db_comment="Products there were as it began, estimated")
    live_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "search index"
        verbose_name_plural = "search indexes"
        constraints = (
            models.UniqueConstraint(fields=["status"], condition=Q(status="LIVE"), name="one_live_generation"),
            models.UniqueConstraint(fields=["status"], condition=Q(status="BUILDING"), name="one_generation_building"),
            models.UniqueConstraint(fields=["half"], condition=~Q(status="CLEARED"), name="one_generation_per_half"),
            models.CheckConstraint(condition=Q(half__in=HALVES), name="generation_half_known"),
            models.CheckConstraint(condition=Q(status__in=GenerationState.values), name="generation_status_known"),
        )

    def __str__(self) -> str:
        return f"Index {self.pk}"

    @transition(field=status, source=GenerationState.BUILDING, target=GenerationState.LIVE)
    def take_over(self) -> None:
        """It is complete and answers from now on."""

    @transition(field=status, source=GenerationState.LIVE, target=GenerationState.RETIRED)
    def retire(self) -> None:
        """Another one answers now."""

    @transition(field=status, source=GenerationState.BUILDING, target=GenerationState.ABANDONED)
    def abandon(self) -> None:
        """An operator gave it up before it was complete."""

    @transition(field=status, source=[GenerationState.RETIRED, GenerationState.ABANDONED], target=GenerationState.CLEARED)
    def clear(self) -> None:
        """Its half is free."""


class LiveDocuments(models.Manager["SearchDocument"]):
    """The documents of the generation that answers. Those of the other half are nobody's business but the index's own."""

    def get_queryset(self) -> models.QuerySet[SearchDocument]:
        live = SearchGeneration.objects.filter(status=GenerationState.LIVE).values("half")[:1]
        return super().get_queryset().filter(half=models.Subquery(live))


class SearchDocument(models.Model):
    """A product as the index knows it, once per half. The key is (half, product id); Django is told of the second part only,
    so every question names the half. The migration makes the table, which is partitioned by half."""

    product_id = models.UUIDField(primary_key=True)
    half = models.PositiveSmallIntegerField()
    sequence = models.BigIntegerField(db_comment="The product's last message that is in here")
    version = models.BigIntegerField(db_comment="Grows with every change, ratings included")
    sku = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    description = models.TextField()
    category = models.CharField(max_length=200)
    price = models.BigIntegerField(db_comment="Minor units of the currency")
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=8, choices=DocumentState.choices)
    rating = models.FloatField(db_comment="Average stars; 0 without reviews")
    reviews = models.IntegerField(db_comment="Published reviews")
    rated_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_comment="When the product changed to this")
    indexed_at = models.DateTimeField()
    name_words = models.PositiveSmallIntegerField()
    head = SearchVectorField(db_comment="Words of the name (A), SKU (B) and category (C): what a score looks at")
    words = SearchVectorField(db_comment="The same, the description (D), and terms for filters: what a search looks at")

    objects = LiveDocuments()

    class Meta:
        verbose_name = "search document"

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"


class SearchWord(models.Model):
    """A word that occurs in the names or categories of active products: what a misspelt one is compared with."""

    id = models.BigAutoField(primary_key=True)
    half = models.PositiveSmallIntegerField()
    word = models.CharField(max_length=40)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["half", "word"], name="search_word_once"),)

    def __str__(self) -> str:
        return self.word
