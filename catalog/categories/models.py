"""The tree of categories."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

DEEPEST = 8


class Category(models.Model):
    """A place for products. Products carry its name, which is why names are unique in the whole tree."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200, unique=True)
    slug = models.CharField(max_length=200)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=2000, unique=True, db_comment="Slugs from the root down to it, with slashes")
    depth = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "categories"
        ordering = ("path",)
        constraints = (
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="category_not_below_itself"),
            models.CheckConstraint(condition=Q(depth__lt=DEEPEST), name="category_not_too_deep"),
        )

    def __str__(self) -> str:
        return self.name
