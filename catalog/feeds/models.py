"""Imports of product feeds, and every row of theirs with its difference to the catalogue."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django_fsm import FSMField, transition

from catalog.feeds.states import ImportState, RowKind


class ProductImport(models.Model):
    """One feed on its way into the catalogue. Positions say where it goes on after a crash; counts are of rows."""

    id = models.UUIDField(primary_key=True)
    upload = models.UUIDField(unique=True)
    file_name = models.CharField(max_length=200)
    size = models.BigIntegerField(db_comment="Bytes of the file")
    actor = models.CharField(max_length=120)
    status = FSMField(choices=ImportState.choices, default=ImportState.STAGING, protected=True)
    layout = models.JSONField(db_comment="Delimiter, columns, where the first row begins")
    offset = models.BigIntegerField(default=0, db_comment="Bytes that are staged")
    line = models.PositiveIntegerField(
        default=0, db_comment="The line the next row begins in; while applying, the last one applied"
    )
    rows = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    applied = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    rows_pruned = models.BooleanField(default=False)

    class Meta:
        verbose_name = "product import"
        indexes = (
            models.Index(fields=["status", "-id"], name="import_by_status"),
            models.Index(fields=["finished_at"], condition=Q(rows_pruned=False), name="import_to_prune"),
        )

    def __str__(self) -> str:
        return self.file_name

    @property
    def version(self) -> str:
        """What an operator sees of it that matters for what he may do: it moves all the time."""
        return str(self.status)

    @transition(field=status, source=ImportState.STAGING, target=ImportState.READY)
    def ready(self) -> None:
        """Every row is compared; a person decides."""

    @transition(field=status, source=ImportState.STAGING, target=ImportState.REFUSED)
    def refuse(self, reason: str) -> None:
        """The file is not what a feed is; nothing of it is used."""
        self.reason = reason[:500]

    @transition(field=status, source=ImportState.READY, target=ImportState.APPLYING)
    def start(self) -> None:
        """Its differences become the catalogue's, chunk by chunk."""
        self.line = 0

    @transition(field=status, source=ImportState.APPLYING, target=ImportState.APPLIED)
    def finish(self) -> None:
        """Every row is dealt with."""

    @transition(field=status, source=[ImportState.STAGING, ImportState.READY, ImportState.APPLYING], target=ImportState.CANCELLED)
    def cancel(self) -> None:
        """Nothing more of it is applied."""


class ImportRow(models.Model):
    """One row of a feed as it was understood. Empty cells change nothing, so an empty text here means "as it is"."""

    pk = models.CompositePrimaryKey("imported", "line")
    imported = models.ForeignKey(ProductImport, on_delete=models.CASCADE, related_name="staged", db_index=False)
    line = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=RowKind.choices)
    sku = models.TextField()
    name = models.TextField()
    description = models.TextField()
    price = models.BigIntegerField(null=True)
    currency = models.TextField()
    category = models.TextField()
    status = models.TextField()
    before = models.JSONField(null=True, db_comment="What differs, as it was when the file was compared")
    errors = models.TextField(db_comment="Why it is rejected or was skipped")

    class Meta:
        indexes = (
            models.Index(fields=["imported", "kind", "line"], name="import_row_by_kind"),
            models.Index(fields=["imported", "sku"], name="import_row_by_sku"),
        )

    def __str__(self) -> str:
        return f"line {self.line}"
