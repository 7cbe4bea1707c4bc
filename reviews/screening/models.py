"""The words that speak against a review. Moderators edit them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from reviews.screening.states import Category, Severity


class DenyWord(models.Model):
    """A word or phrase as ``screening/wording.py`` reads text: lower case, no accents. ``*`` at its end: whatever begins so."""

    id = models.UUIDField(primary_key=True)
    word = models.CharField(max_length=60, unique=True)
    category = models.CharField(max_length=10, choices=Category)
    severity = models.CharField(max_length=8, choices=Severity)
    added_by = models.CharField(max_length=120)
    version = models.BigIntegerField(default=0, db_default=0)
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "deny word"
        indexes = (models.Index(fields=("category", "word"), name="deny_word_by_category"),)

    def __str__(self) -> str:
        return self.word
