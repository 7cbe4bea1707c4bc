"""Pictures of products."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django_fsm import FSMField, transition

from catalog.images.states import ImageState


class ProductImage(models.Model):
    """A picture. Only the sizes we made ourselves are served, never the file that was uploaded."""

    id = models.UUIDField(primary_key=True)
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="images", db_index=False)
    upload = models.UUIDField(db_comment="The file it was made from")
    position = models.PositiveSmallIntegerField()
    status = FSMField(choices=ImageState.choices, default=ImageState.PROCESSING, protected=True)
    alternative_text = models.CharField(max_length=200, blank=True)
    width = models.PositiveIntegerField(null=True, db_comment="Pixels of the large size")
    height = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=250, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint(fields=["product", "upload"], name="image_upload_once"),)
        indexes = (models.Index(fields=["product", "position", "id"], name="image_in_order"),)

    def __str__(self) -> str:
        return str(self.id)

    @transition(field=status, source=ImageState.PROCESSING, target=ImageState.READY)
    def finish(self, width: int, height: int) -> None:
        """Its sizes are there."""
        self.width, self.height = width, height

    @transition(field=status, source=ImageState.PROCESSING, target=ImageState.REJECTED)
    def reject(self, reason: str) -> None:
        """It cannot be shown, and why."""
        self.reason = reason[:250]
