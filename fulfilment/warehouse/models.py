"""Picking jobs and their lines. What a job needs of its order is copied when it is made; ids lead back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django_fsm import FSMField, FSMModelMixin, transition

from fulfilment.warehouse.states import COLLECTED, UNDER_WAY, PickingStatus

CREATED, PICKING = PickingStatus.CREATED, PickingStatus.PICKING


class PickingJob(FSMModelMixin, models.Model):
    """The goods of one order, to be brought together and packed. The first job of an order carries its fulfilment's id."""

    id = models.UUIDField(primary_key=True)
    order_id = models.UUIDField()
    customer_id = models.UUIDField()
    confirmation_number = models.CharField(max_length=12)
    warehouse_id = models.CharField(max_length=200)
    reservation_id = models.UUIDField(null=True, blank=True, db_comment="The stock it picks from")
    replaces = models.UUIDField(null=True, blank=True, db_comment="The failed shipment whose goods are picked again")
    delivery_method = models.CharField(max_length=20)
    priority = models.CharField(max_length=10)
    rank = models.SmallIntegerField(db_comment="Of its priority; the lowest is picked first")
    address = models.JSONField(null=True, blank=True, db_comment="Where it goes, as the contracts write an address")
    address_revision = models.IntegerField(default=1, db_default=1)
    status = FSMField(max_length=10, choices=PickingStatus.choices, default=CREATED, protected=True)
    picker = models.CharField(max_length=120, blank=True, default="", db_default="")
    short_since = models.DateTimeField(null=True, blank=True, db_comment="Something is missing and a person has to decide")
    parcel_count = models.SmallIntegerField(null=True, blank=True)
    cancelled_because = models.CharField(max_length=250, blank=True, default="", db_default="")
    dispatch_by = models.DateTimeField(null=True, blank=True, db_comment="When it was estimated to leave")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, db_comment="Packed or cancelled")
    version = models.IntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = "picking job"
        constraints = (
            models.CheckConstraint(condition=Q(status__in=PickingStatus.values), name="picking_status_known"),
            # However often its fulfilment is said to have started, an order is picked once...
            models.UniqueConstraint(fields=("order_id",), condition=Q(replaces__isnull=True), name="picking_once_per_order"),
            # ...and what failed on its way is replaced once.
            models.UniqueConstraint(fields=("replaces",), condition=Q(replaces__isnull=False), name="picking_replaces_once"),
            models.UniqueConstraint(fields=("order_id",), condition=Q(status__in=UNDER_WAY), name="picking_one_under_way"),
            models.CheckConstraint(
                condition=Q(status=PickingStatus.PACKED, parcel_count__gte=1) | ~Q(status=PickingStatus.PACKED),
                name="picking_packed_in_parcels",
            ),
            models.CheckConstraint(
                condition=Q(status__in=UNDER_WAY, closed_at__isnull=True)
                | (~Q(status__in=UNDER_WAY) & Q(closed_at__isnull=False, short_since__isnull=True)),
                name="picking_closed_unless_under_way",
            ),
        )
        indexes = (
            models.Index(fields=("rank", "created_at", "id"), condition=Q(status__in=UNDER_WAY), name="picking_queue"),
            # With picking_once_per_order, every job of an order; few are replacements.
            models.Index(fields=("order_id",), condition=Q(replaces__isnull=False), name="picking_replacements"),
            models.Index(fields=("short_since",), condition=Q(short_since__isnull=False), name="picking_short"),
            models.Index(fields=("status", "-closed_at"), name="picking_closed"),
        )

    def __str__(self) -> str:
        return f"picking job {self.pk}"

    @property
    def is_collected(self) -> bool:
        """Whether the customer comes for it, so that no carrier does."""
        return self.delivery_method == COLLECTED

    @property
    def place(self) -> Mapping[str, Any]:
        """Where its parcels go; packing for a carrier requires it."""
        assert self.address is not None
        return self.address

    @transition(field=status, source=CREATED, target=PICKING)
    def start(self, *, picker: str, at: datetime) -> None:
        """Somebody has taken it."""
        self.picker, self.started_at = picker, at

    @transition(field=status, source=PICKING, target=PickingStatus.PACKED)
    def pack(self, *, parcels: int, at: datetime) -> None:
        """Everything is in its parcels."""
        self.parcel_count, self.closed_at = parcels, at

    @transition(field=status, source=UNDER_WAY, target=PickingStatus.CANCELLED)
    def cancel(self, *, because: str, at: datetime) -> None:
        """Nobody picks it any more."""
        self.cancelled_because, self.closed_at, self.short_since = because[:250], at, None


class PickingLine(models.Model):
    """So many of one product in a job. Picked, missing and left out never come to more than is wanted."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(PickingJob, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.IntegerField()
    product_id = models.UUIDField()
    sku = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    quantity = models.IntegerField()
    picked = models.IntegerField(default=0, db_default=0)
    missing = models.IntegerField(default=0, db_default=0, db_comment="Looked for and not found; a person decides")
    left_out = models.IntegerField(default=0, db_default=0, db_comment="Missing, and the order goes without it")

    class Meta:
        verbose_name = "picking line"
        constraints = (
            models.UniqueConstraint(fields=("job", "position"), name="picking_line_position"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, picked__gte=0, missing__gte=0, left_out__gte=0), name="picking_line_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("picked") + F("missing") + F("left_out")), name="picking_line_within_quantity"
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"

    @property
    def to_pick(self) -> int:
        """What nobody has looked for yet."""
        open_: Any = self.quantity - self.picked - self.missing - self.left_out
        return int(open_)
