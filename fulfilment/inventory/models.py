"""Stock, its ledger, and reservations. The constraints say what must hold whatever the code does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django_fsm import FSMField, FSMModelMixin, transition

from fulfilment.inventory.states import ChangeOutcome, MovementKind, ReleaseReason, ReservationStatus

HELD, CONSUMED = ReservationStatus.HELD, ReservationStatus.CONSUMED
RELEASED, EXPIRED = ReservationStatus.RELEASED, ReservationStatus.EXPIRED


class StockItem(models.Model):
    """How much of one product there is. Changed only together with a row in its ledger."""

    product_id = models.UUIDField(primary_key=True)
    on_hand = models.IntegerField(default=0, db_default=0)
    reserved = models.IntegerField(default=0, db_default=0, db_comment="Part of on hand promised to held reservations")
    available = models.GeneratedField(
        expression=F("on_hand") - F("reserved"), output_field=models.IntegerField(), db_persist=True
    )
    low_stock_threshold = models.IntegerField(default=0, db_default=0, db_comment="Fewer available are low; 0 is never")
    low_stock_notified = models.BooleanField(default=False, db_default=False, db_comment="StockLow was said for this fall")
    version = models.BigIntegerField(default=0, db_default=0, db_comment="How many movements its ledger has")
    recount_since = models.DateTimeField(null=True, blank=True, db_comment="A picker missed some: somebody should count")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "stock item"
        constraints = (
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="stock_on_hand_not_negative"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="stock_reserved_not_negative"),
            models.CheckConstraint(condition=Q(reserved__lte=F("on_hand")), name="stock_never_oversold"),
            models.CheckConstraint(condition=Q(low_stock_threshold__gte=0), name="stock_threshold_not_negative"),
        )
        indexes = (
            models.Index(fields=("recount_since",), condition=Q(recount_since__isnull=False), name="stock_to_recount"),
            # Of the flag and not of the figures: those change with every checkout, and an index on them would make each update
            # dearer.
            models.Index(fields=("-product_id",), condition=Q(low_stock_notified=True), name="stock_low"),
        )

    def __str__(self) -> str:
        return str(self.product_id)


class StockMovement(models.Model):
    """One line of a product's ledger: what changed, why, by whom, and what it came to. Append-only."""

    id = models.BigAutoField(primary_key=True)
    product_id = models.UUIDField()
    sequence = models.BigIntegerField(db_comment="Place in the product's ledger: 1, 2, 3 without gaps")
    kind = models.CharField(max_length=10, choices=MovementKind)
    delta_on_hand = models.IntegerField()
    delta_reserved = models.IntegerField()
    on_hand_after = models.IntegerField()
    reserved_after = models.IntegerField()
    reservation_id = models.UUIDField(null=True, blank=True)
    reference = models.CharField(max_length=200, blank=True, db_default="", db_comment="Delivery note of received goods")
    reason = models.CharField(max_length=250, blank=True, db_default="")
    actor = models.CharField(max_length=120, blank=True, db_default="")
    message_id = models.UUIDField(null=True, blank=True, db_comment="The message that caused it")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "stock movement"
        constraints = (
            # Two transactions that both believed they were next cannot both commit.
            models.UniqueConstraint(fields=("product_id", "sequence"), name="stock_ledger_sequence"),
            models.UniqueConstraint(
                fields=("product_id", "reference"),
                condition=Q(kind=MovementKind.RECEIVED) & ~Q(reference=""),
                name="stock_delivery_received_once",
            ),
        )
        indexes = (
            models.Index(fields=("reservation_id",), condition=Q(reservation_id__isnull=False), name="stock_ledger_reservation"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.product_id} #{self.sequence}"


def _has_no_order(reservation: Any) -> bool:
    return not reservation.order_bound


class Reservation(FSMModelMixin, models.Model):
    """Stock set aside for one cart, all of its lines or none.

    A row without lines is a tombstone: it was refused or released before it could hold anything, and a late or repeated
    request for the same id finds it and is refused too.
    """

    id = models.UUIDField(primary_key=True)
    cart_id = models.UUIDField(null=True, blank=True)
    customer_id = models.UUIDField(null=True, blank=True)
    order_id = models.UUIDField(null=True, blank=True)
    checkout_session_id = models.UUIDField(null=True, blank=True)
    status = FSMField(max_length=10, choices=ReservationStatus.choices, default=HELD, protected=True)
    release_reason = models.CharField(max_length=20, choices=ReleaseReason, blank=True, default="", db_default="")
    order_bound = models.BooleanField(default=False, db_default=False, db_comment="Its order exists: time cannot end it")
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, db_comment="When it stopped holding stock")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("cart_id",), condition=Q(status=HELD), name="reservation_one_held_per_cart"),
            models.CheckConstraint(
                condition=~Q(status=HELD) | Q(order_bound=True) | Q(expires_at__isnull=False),
                name="reservation_ends_or_has_an_order",
            ),
            models.CheckConstraint(
                condition=Q(status=HELD, closed_at__isnull=True) | (~Q(status=HELD) & Q(closed_at__isnull=False)),
                name="reservation_closed_unless_held",
            ),
        )
        indexes = (
            models.Index(fields=("order_id",), condition=Q(order_id__isnull=False), name="reservation_order"),
            models.Index(fields=("expires_at",), condition=Q(status=HELD, order_bound=False), name="reservation_expiry"),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @transition(field=status, source=HELD, target=RELEASED)
    def release(self, *, reason: str, at: datetime) -> None:
        """Let go of the stock; ``reason`` may be empty."""
        self.release_reason, self.closed_at = reason, at

    @transition(field=status, source=HELD, target=EXPIRED, conditions=[_has_no_order])
    def expire(self, *, at: datetime) -> None:
        """Let go of the stock because time is up. Never once the order exists."""
        self.release_reason, self.closed_at = ReleaseReason.EXPIRED, at

    @transition(field=status, source=HELD, target=CONSUMED)
    def consume(self, *, at: datetime) -> None:
        """The stock has left the house."""
        self.closed_at = at

    @transition(field=status, source=HELD, target=HELD)
    def bind_to_order(self) -> None:
        """Its order exists now: only a cancellation or a shipment ends it."""
        self.order_bound = True

    @transition(field=status, source=(EXPIRED, RELEASED), target=HELD)
    def reinstate(self) -> None:
        """Hold the same stock again, for an order that exists."""
        self.order_bound, self.release_reason, self.closed_at = True, "", None


class ReservationChange(models.Model):
    """One change of what a reservation holds, by the id of the order's change: it takes effect once, and not after it was
    called back."""

    change_id = models.UUIDField(primary_key=True)
    reservation_id = models.UUIDField()
    outcome = models.CharField(max_length=12, choices=ChangeOutcome)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "reservation change"

    def __str__(self) -> str:
        return f"{self.outcome} {self.change_id}"


class ReservationLine(models.Model):
    """So many of one product in a reservation. Changed only by an adjustment, with its row in the stock's ledger."""

    id = models.BigAutoField(primary_key=True)
    reservation = models.ForeignKey(Reservation, on_delete=models.CASCADE, related_name="lines", db_index=False)
    product_id = models.UUIDField()
    quantity = models.IntegerField()

    class Meta:
        verbose_name = "reservation line"
        constraints = (
            models.UniqueConstraint(fields=("reservation", "product_id"), name="reservation_line_once_per_product"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="reservation_line_quantity_positive"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id}"
