"""The rating of each product, counted from its published reviews."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

STARS = ("one", "two", "three", "four", "five")


class RatingSummary(models.Model):
    """How many published reviews give a product how many stars. What Redis holds is copied from here."""

    product_id = models.UUIDField(primary_key=True)
    one = models.IntegerField(default=0, db_default=0)
    two = models.IntegerField(default=0, db_default=0)
    three = models.IntegerField(default=0, db_default=0)
    four = models.IntegerField(default=0, db_default=0)
    five = models.IntegerField(default=0, db_default=0)
    review_count = models.GeneratedField(
        expression=F("one") + F("two") + F("three") + F("four") + F("five"),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    rating_sum = models.GeneratedField(
        expression=F("one") + F("two") * 2 + F("three") * 3 + F("four") * 4 + F("five") * 5,
        output_field=models.IntegerField(),
        db_persist=True,
    )
    version = models.BigIntegerField(default=0, db_default=0, db_comment="How often it has changed")
    cached_version = models.BigIntegerField(
        default=0, db_default=0, db_comment="The version Redis was last told; -1: what Redis says is not to be believed"
    )
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "rating"
        constraints = (
            models.CheckConstraint(
                condition=Q(one__gte=0, two__gte=0, three__gte=0, four__gte=0, five__gte=0), name="rating_not_negative"
            ),
        )
        indexes = (models.Index(fields=("product_id",), condition=~Q(cached_version=F("version")), name="rating_behind"),)

    def __str__(self) -> str:
        return f"{self.product_id}: {self.review_count}"
