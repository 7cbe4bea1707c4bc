"""Lists that people keep: a screen, and how it was narrowed, under a name of their own."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class KeptList(models.Model):
    """One list as somebody likes to see it. Nobody else sees it."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.IntegerField(db_comment="Who keeps it; an id and no key, as staff are not of this department")
    screen = models.CharField(max_length=100, db_comment="Whose list, as app.model")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True, db_comment="Tab, search and filters as in the address; never an e-mail")
    kept_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "kept list"
        constraints = (models.UniqueConstraint(fields=["user_id", "screen", "name"], name="kept_list_name_once"),)

    def __str__(self) -> str:
        return self.name
