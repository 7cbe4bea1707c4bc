"""Promotions, who uses them, and who has bought before."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django_fsm import FSMField, transition

from shop.promotions.calculation import WHOLE
from shop.promotions.states import PromotionKind, PromotionState, UseState


class Promotion(models.Model):
    """A reduction and the conditions under which a cart gets it. Without a code it applies by itself."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=PromotionKind)
    value = models.BigIntegerField(db_comment="Basis points for a percentage, minor units for a fixed amount")
    currency = models.CharField(max_length=3, blank=True, db_comment="Empty: any, for a percentage without a minimum")
    code = models.CharField(max_length=200, blank=True, db_comment="In capitals; empty: applies by itself")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True, db_comment="The first moment at which it no longer applies")
    minimum_spend = models.BigIntegerField(default=0, db_comment="Of the whole cart before discounts, minor units")
    customer_segment = models.CharField(
        max_length=30, blank=True, db_comment="NEW and RETURNING are rules, every other one is assigned by operators"
    )
    category = models.CharField(max_length=200, blank=True, db_comment="Only products of it are reduced")
    total_limit = models.PositiveIntegerField(null=True, blank=True)
    per_customer_limit = models.PositiveIntegerField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0, db_comment="Held or kept; counted only where there is a total limit")
    stackable = models.BooleanField(default=False)
    priority = models.IntegerField(default=100)
    returns_when_cancelled = models.BooleanField(
        default=True, db_default=True, db_comment="A use is given back when its order is cancelled"
    )
    paused = models.BooleanField(default=False, db_default=False)
    status = FSMField(choices=PromotionState.choices, default=PromotionState.DRAFT, protected=True)
    version = models.PositiveIntegerField(default=1, db_default=1, db_comment="Grows with every change of the terms")
    created_at = models.DateTimeField(db_default=Now())

    now: dt.datetime  # the database's clock, where the query asked for it

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="promotion_code_unique"),
            models.CheckConstraint(condition=Q(code=Upper("code")), name="promotion_code_in_capitals"),
            models.CheckConstraint(
                condition=Q(value__gt=0) & (~Q(kind=PromotionKind.PERCENTAGE) | Q(value__lte=WHOLE)),
                name="promotion_value_in_range",
            ),
            models.CheckConstraint(
                condition=~Q(currency="") | Q(kind=PromotionKind.PERCENTAGE, minimum_spend=0),
                name="promotion_amount_has_currency",
            ),
            models.CheckConstraint(
                condition=Q(total_limit__isnull=True) | Q(uses__lte=F("total_limit")), name="promotion_uses_within_limit"
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(starts_at__lt=F("ends_at")),
                name="promotion_window_in_order",
            ),
            models.CheckConstraint(condition=Q(status__in=PromotionState.values), name="promotion_status_known"),
        )
        indexes = (
            models.Index(fields=["id"], condition=Q(status="ACTIVE", code=""), name="promotion_automatic"),
            models.Index(fields=["status", "-id"], name="promotion_status"),
            models.Index(fields=["code"], opclasses=["varchar_pattern_ops"], condition=~Q(code=""), name="promotion_code_begins"),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What a customer sees of it: the code, or the name where there is none."""
        return self.code or self.name

    @property
    def limited(self) -> bool:
        """Whether its uses have to be counted, under its row lock."""
        return self.total_limit is not None or self.per_customer_limit is not None

    @transition(field=status, source=PromotionState.DRAFT, target=PromotionState.ACTIVE)
    def activate(self) -> None:
        """Carts get it from now on, within its window."""

    @transition(field=status, source=[PromotionState.DRAFT, PromotionState.ACTIVE], target=PromotionState.ENDED)
    def end(self) -> None:
        """No further checkout gets it."""


class PromotionUse(models.Model):
    """One checkout's use of one promotion."""

    id = models.UUIDField(primary_key=True)
    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="promotion_uses", db_index=False)
    customer_id = models.UUIDField()
    cart_id = models.UUIDField()
    checkout_session_id = models.UUIDField()
    order_id = models.UUIDField(null=True, blank=True, db_comment="Once its checkout has become an order")
    amount = models.BigIntegerField(db_comment="What it took off, minor units")
    currency = models.CharField(max_length=3, db_default="", blank=True, db_comment="The cart's; older uses have none")
    status = FSMField(choices=UseState.choices, default=UseState.HELD, protected=True)
    held_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["checkout_session_id", "promotion"], name="one_use_per_checkout"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="promotion_use_takes_something"),
            models.CheckConstraint(condition=Q(status__in=UseState.values), name="promotion_use_status_known"),
        )
        indexes = (
            models.Index(fields=["customer_id", "promotion"], name="promotion_use_by_customer"),
            models.Index(fields=["promotion", "-id"], name="promotion_use_newest"),
            models.Index(fields=["order_id"], condition=Q(order_id__isnull=False), name="promotion_use_order"),
            models.Index(fields=["status", "-id"], name="promotion_use_status"),
        )

    def __str__(self) -> str:
        return f"{self.promotion_id} in {self.checkout_session_id}"

    @transition(field=status, source=UseState.HELD, target=UseState.KEPT)
    def keep(self) -> None:
        """Its checkout has become an order."""

    @transition(field=status, source=UseState.HELD, target=UseState.GIVEN_BACK)
    def give_back(self) -> None:
        """Its checkout failed."""

    @transition(field=status, source=UseState.KEPT, target=UseState.GIVEN_BACK)
    def return_after_cancellation(self) -> None:
        """Its order was cancelled before anything was shipped, and the promotion says that this does not count."""


class CompletedCheckout(models.Model):
    """What promotions remember of past checkouts, to tell new customers from returning ones."""

    checkout_session_id = models.UUIDField(primary_key=True)
    customer_id = models.UUIDField(db_index=True)

    def __str__(self) -> str:
        return str(self.checkout_session_id)


class CancelledOrder(models.Model):
    """An order that was cancelled before promotions heard that its checkout had made it."""

    order_id = models.UUIDField(primary_key=True)

    def __str__(self) -> str:
        return str(self.order_id)
