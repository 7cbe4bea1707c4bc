"""The cart: open while it is filled, frozen with its prices once it is checked out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django_fsm import FSMField, transition

from shop.carts.states import CartState

MOST_PER_PRODUCT: Final = 9_999


class Cart(models.Model):
    """One shopping cart. Whoever knows its id, which nobody can guess, may fill it; amounts are minor units."""

    id = models.UUIDField(primary_key=True)
    customer_id = models.UUIDField(null=True, blank=True, db_comment="Empty until somebody known owns it")
    currency = models.CharField(max_length=3, blank=True, db_comment="Its first product's, unless chosen before")
    status = FSMField(choices=CartState.choices, default=CartState.OPEN, protected=True)
    version = models.PositiveIntegerField(default=0, db_comment="Counts changes")
    created_at = models.DateTimeField(db_default=Now())
    last_touched_at = models.DateTimeField(db_default=Now())
    merged_into = models.UUIDField(null=True, blank=True, db_comment="The cart its items went to when its owner logged in")
    checkout_session_id = models.UUIDField(null=True, blank=True, unique=True)
    checked_out_at = models.DateTimeField(null=True, blank=True)
    subtotal = models.BigIntegerField(null=True, blank=True, db_comment="Frozen at checkout")
    discount = models.BigIntegerField(null=True, blank=True)
    applied_promotions = ArrayField(models.CharField(max_length=200), default=list)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(status__in=CartState.values), name="cart_status_known"),
            models.CheckConstraint(
                condition=Q(
                    status=CartState.CHECKED_OUT,
                    checkout_session_id__isnull=False,
                    checked_out_at__isnull=False,
                    customer_id__isnull=False,
                    subtotal__isnull=False,
                    discount__isnull=False,
                )
                | (~Q(status=CartState.CHECKED_OUT) & Q(checkout_session_id__isnull=True, subtotal__isnull=True)),
                name="cart_checked_out_completely",
            ),
            models.CheckConstraint(
                condition=Q(discount__isnull=True) | Q(discount__gte=0, discount__lte=F("subtotal")),
                name="cart_discount_within_subtotal",
            ),
        )
        indexes = (
            models.Index(fields=["last_touched_at"], condition=Q(status=CartState.OPEN), name="cart_open_by_touch"),
            models.Index(
                fields=["last_touched_at"],
                condition=Q(status__in=(CartState.CHECKED_OUT, CartState.ABANDONED)),
                name="cart_over_by_touch",
            ),
            models.Index(fields=["customer_id", "-created_at"], name="cart_of_customer"),
            models.Index(
                fields=["customer_id", "-last_touched_at"],
                condition=Q(status=CartState.OPEN, customer_id__isnull=False),
                name="cart_open_of_customer",
            ),
        )

    def __str__(self) -> str:
        return f"{self.id} {self.status}"

    @transition(field=status, source=CartState.OPEN, target=CartState.CHECKED_OUT)
    def check_out(
        self,
        *,
        session_id: UUID,
        customer_id: UUID,
        subtotal: int,
        discount: int,
        promotions: Sequence[str],
        at: dt.datetime,
    ) -> None:
        """Freeze it with its amounts (minor units) as the cart of this checkout session, for good."""
        self.checkout_session_id = session_id
        self.customer_id = customer_id
        self.subtotal = subtotal
        self.discount = discount
        self.applied_promotions = list(promotions)
        self.checked_out_at = at
        self.touch(at)

    @transition(field=status, source=CartState.OPEN, target=CartState.ABANDONED)
    def abandon(self) -> None:
        """Nobody came back: it can neither be filled nor checked out any more."""

    @transition(field=status, source=CartState.OPEN, target=CartState.ABANDONED)
    def merge(self, into: UUID, customer_id: UUID, at: dt.datetime) -> None:
        """Its items are in the cart its owner has already."""
        self.merged_into, self.customer_id = into, customer_id
        self.touch(at)

    def touch(self, at: dt.datetime) -> None:
        """Somebody changed it."""
        self.version += 1
        self.last_touched_at = at


class CartItem(models.Model):
    """So many of one product. SKU, name and price are empty until checkout freezes them."""

    id = models.BigAutoField(primary_key=True)
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="items", db_index=False)
    product_id = models.UUIDField()
    quantity = models.PositiveIntegerField()
    sku = models.CharField(max_length=200, blank=True, default="")
    name = models.CharField(max_length=200, blank=True, default="")
    unit_price = models.BigIntegerField(null=True, blank=True, db_comment="Minor units of the cart's currency")
    discount = models.BigIntegerField(default=0, db_default=0, db_comment="Its share of the cart's discount, minor units")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["cart", "product_id"], name="cart_item_once_per_product"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MOST_PER_PRODUCT), name="cart_item_quantity_in_range"
            ),
            models.CheckConstraint(condition=Q(discount__gte=0), name="cart_item_discount_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} of {self.product_id}"
