"""Files that were uploaded."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Upload(models.Model):
    """A file in the storage. ``claimed_at`` is when a command said what it is for; unclaimed ones are removed after a day."""

    id = models.UUIDField(primary_key=True)
    file_name = models.CharField(max_length=200, db_comment="What its owner called it")
    size = models.BigIntegerField(db_comment="Bytes")
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["created_at"], condition=Q(claimed_at__isnull=True), name="upload_unclaimed"),)

    def __str__(self) -> str:
        return self.file_name

    @property
    def stored_as(self) -> str:
        """Its name in the storage."""
        return f"uploads/{self.id}"
