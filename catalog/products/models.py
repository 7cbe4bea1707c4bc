"""The product as the catalogue owns it, what makes it a variant of another, and what the rules know about it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django_fsm import FSMField, transition

from catalog.products.states import ProductState

# A cart of 200 products, 9,999 of each, at this price still adds up to a 64-bit integer.
HIGHEST_PRICE = 10**12


class Product(models.Model):
    """Something the shop sells. A deleted one stays as a row without being found, so that its id keeps its meaning."""

    id = models.UUIDField(primary_key=True)
    sku = models.CharField(max_length=200, db_comment="Case counts; free again once its product is deleted")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, db_default="")
    price = models.BigIntegerField(db_comment="Minor units of the currency")
    currency = models.CharField(max_length=3)
    category = models.CharField(max_length=200, blank=True, db_default="")
    status = FSMField(choices=ProductState.choices, default=ProductState.DRAFT, protected=True)
    sequence = models.BigIntegerField(default=0, db_default=0, db_comment="How many messages this product has published")
    enriched = models.BooleanField(default=False, db_default=False, db_comment="The rules have seen its texts as they are")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True, blank=True)
    deletion_reason = models.CharField(max_length=20, blank=True, db_default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["sku"], condition=Q(deleted_at__isnull=True), name="product_sku_unique"),
            models.CheckConstraint(condition=Q(price__gte=0, price__lte=HIGHEST_PRICE), name="product_price_in_range"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="product_currency_code"),
            models.CheckConstraint(condition=Q(status__in=ProductState.values), name="product_status_known"),
        )
        indexes = (
            models.Index(fields=["status", "-id"], condition=Q(deleted_at__isnull=True), name="product_by_status"),
            models.Index(fields=["category", "-id"], condition=Q(deleted_at__isnull=True), name="product_by_category"),
            models.Index(fields=["name"], opclasses=["text_pattern_ops"], name="product_by_name"),
            models.Index(fields=["id"], condition=Q(enriched=False, deleted_at__isnull=True), name="product_to_enrich"),
            models.Index(fields=["-id"], condition=Q(deleted_at__isnull=False), name="product_deleted"),
        )

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"

    @transition(field=status, source=[ProductState.DRAFT, ProductState.ARCHIVED], target=ProductState.ACTIVE)
    def activate(self) -> None:
        """It can be sold and seen from now on."""

    @transition(field=status, source=[ProductState.DRAFT, ProductState.ACTIVE], target=ProductState.ARCHIVED)
    def archive(self) -> None:
        """It can no longer be sold or seen; open carts that hold it cannot be checked out."""


class ProductVariant(models.Model):
    """What makes a product a variant of another one. Variants have no variants, and a variant stays one for good."""

    product = models.OneToOneField(Product, primary_key=True, on_delete=models.PROTECT, related_name="variant")
    base = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants", db_index=False)
    options = models.JSONField(db_comment="[[name, value], …] as given")
    options_key = models.CharField(max_length=64, db_comment="Digest of the options, whatever their order and case")
    price_difference = models.BigIntegerField(null=True, db_comment="Its price is the base's plus this; null: its own")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["base", "options_key"], name="variant_options_unique"),
            models.CheckConstraint(condition=~Q(product=models.F("base")), name="variant_of_another"),
        )

    def __str__(self) -> str:
        return f"{self.product_id} of {self.base_id}"


class ProductEnrichment(models.Model):
    """What the rules made of a product's texts, by which rule and from which words."""

    product = models.OneToOneField(Product, primary_key=True, on_delete=models.PROTECT, related_name="enrichment")
    slug = models.CharField(max_length=200)
    keywords = ArrayField(models.CharField(max_length=200))
    attributes = models.JSONField(db_comment="[[name, value], …]")
    why = models.JSONField(db_comment="[[field, rule, from], …]")
    rules = models.PositiveSmallIntegerField(db_comment="The version of the rules")
    enriched_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.slug
