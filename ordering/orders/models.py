"""The tables of orders and every transition an order can make. Nothing here publishes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django_fsm import FSMField, transition
from uuid_utils.compat import uuid7

from ordering.orders.states import (
    BEFORE_FULFILMENT,
    ENDED,
    ONLY_AFTER_CONFIRMATION,
    AdjustmentKind,
    AdjustmentStatus,
    CancelReason,
    HoldReason,
    LifecycleStatus,
    RetentionCategory,
    TerminalStatus,
)

CREATED = LifecycleStatus.CREATED
CONFIRMED = LifecycleStatus.CONFIRMED
ON_HOLD = LifecycleStatus.ON_HOLD
AWAITING_FULFILMENT = LifecycleStatus.AWAITING_FULFILMENT
FULFILLING = LifecycleStatus.FULFILLING
COMPLETED = LifecycleStatus.COMPLETED
CANCELLED = LifecycleStatus.CANCELLED
ARCHIVED = LifecycleStatus.ARCHIVED


class Order(models.Model):
    """What a paid checkout stands for. Money in minor units of ``currency``, times in UTC of the database's clock."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    confirmation_number = models.CharField(max_length=12, unique=True)
    customer_id = models.UUIDField()
    cart_id = models.UUIDField(unique=True)
    checkout_session_id = models.UUIDField(unique=True, null=True)
    reservation_id = models.UUIDField(null=True)
    payment_id = models.UUIDField(null=True)
    payment_authorization_id = models.CharField(max_length=200, blank=True, default="", db_default="")
    subtotal = models.BigIntegerField()
    discount = models.BigIntegerField(default=0, db_default=0)
    total = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    applied_promotions = models.JSONField(default=list, db_comment="Codes, as they were when the cart was priced")
    delivery_address = models.JSONField(null=True, db_comment="As given at checkout; personal data")
    delivery_method = models.CharField(max_length=20)
    priority = models.CharField(max_length=12)
    fulfilment_id = models.UUIDField(null=True, db_comment="The one start of its fulfilment")
    warehouse_id = models.CharField(max_length=200, blank=True, default="", db_default="")
    lifecycle_status = FSMField(max_length=20, choices=LifecycleStatus, default=CREATED, protected=True)
    terminal_status = models.CharField(max_length=12, choices=TerminalStatus, blank=True, default="", db_default="")
    status_sequence = models.IntegerField(db_default=0, default=0, db_comment="Sequence of the last accepted transition")
    revision = models.IntegerField(db_default=1, default=1, db_comment="Counts amendments; the original is 1")
    address_revision = models.IntegerField(db_default=1, default=1, db_comment="Counts delivery addresses; the first is 1")
    version = models.IntegerField(
        db_default=1, default=1, db_comment="Grows with every change, so that editors notice each other"
    )
    cancel_reason = models.CharField(max_length=24, choices=CancelReason, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True, db_comment="Its payment was captured")
    shipped_at = models.DateTimeField(null=True, db_comment="A carrier has accepted it")
    awaiting_since = models.DateTimeField(null=True, db_comment="Has waited for the warehouse since")
    ended_at = models.DateTimeField(null=True, db_comment="Completed or cancelled")
    archived_at = models.DateTimeField(null=True)
    legal_hold = models.BooleanField(default=False, db_default=False, db_comment="Kept as it is whatever retention says")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(total=F("subtotal") - F("discount")), name="order_total_adds_up"),
            models.CheckConstraint(condition=Q(total__gte=0, discount__gte=0), name="order_money_not_negative"),
            models.CheckConstraint(condition=Q(lifecycle_status__in=LifecycleStatus.values), name="order_lifecycle_status_known"),
            models.CheckConstraint(
                condition=~Q(lifecycle_status__in=ONLY_AFTER_CONFIRMATION) | Q(confirmed_at__isnull=False),
                name="order_confirmed_before_it_goes_on",
            ),
            models.CheckConstraint(
                condition=Q(lifecycle_status__in=ENDED, ended_at__isnull=False) & Q(terminal_status__in=TerminalStatus.values)
                | ~Q(lifecycle_status__in=ENDED) & Q(ended_at__isnull=True, terminal_status=""),
                name="order_says_how_it_ended",
            ),
            models.CheckConstraint(
                condition=Q(status_sequence__gte=0, revision__gte=1, version__gte=1), name="order_counters_grow"
            ),
        )
        indexes = (
            models.Index(fields=["-created_at", "-id"], name="order_newest"),
            models.Index(fields=["customer_id", "-created_at", "-id"], name="order_of_customer"),
            models.Index(fields=["lifecycle_status", "-id"], name="order_by_status"),
            # The oldest of all: by ids alone everything newer would be read first.
            models.Index(fields=["-id"], condition=Q(lifecycle_status=ARCHIVED), name="order_archived"),
            models.Index(fields=["payment_id"], name="order_payment"),
            models.Index(
                fields=["ended_at"],
                condition=Q(lifecycle_status__in=(COMPLETED, CANCELLED), legal_hold=False),
                name="order_to_archive",
            ),
            models.Index(
                fields=["priority", "awaiting_since"],
                condition=Q(lifecycle_status=AWAITING_FULFILMENT),
                name="order_to_release",
            ),
        )

    def __str__(self) -> str:
        return self.confirmation_number

    @transition(field=lifecycle_status, source=[CREATED, ON_HOLD], target=CONFIRMED)
    def confirm(self, at: datetime) -> None:
        """Payment and stock are secured and nobody has to look any more. ``confirmed_at`` is the first time."""
        self.confirmed_at = self.confirmed_at or at

    @transition(field=lifecycle_status, source=[CREATED, CONFIRMED, AWAITING_FULFILMENT], target=ON_HOLD)
    def hold(self) -> None:
        """A person has to look first; the order stays here while any hold is open."""

    @transition(field=lifecycle_status, source=[CONFIRMED, ON_HOLD], target=AWAITING_FULFILMENT)
    def await_fulfilment(self, at: datetime) -> None:
        """The money is settled and the order waits for the warehouse."""
        self.awaiting_since = at

    @transition(field=lifecycle_status, source=AWAITING_FULFILMENT, target=FULFILLING)
    def start_fulfilment(self, fulfilment_id: UUID, warehouse_id: str) -> None:
        """The warehouse may pick it; from here on it cannot be cancelled."""
        self.fulfilment_id, self.warehouse_id = fulfilment_id, warehouse_id

    @transition(field=lifecycle_status, source=FULFILLING, target=COMPLETED)
    def complete(self, at: datetime) -> None:
        """The customer has the goods."""
        self.terminal_status, self.ended_at = TerminalStatus.COMPLETED, at

    @transition(field=lifecycle_status, source=list(BEFORE_FULFILMENT), target=CANCELLED)
    def cancel(self, at: datetime, reason: str) -> None:
        """It will not be fulfilled."""
        self.terminal_status, self.ended_at, self.cancel_reason = TerminalStatus.CANCELLED, at, reason

    @transition(field=lifecycle_status, source=FULFILLING, target=CANCELLED)
    def give_up(self, at: datetime) -> None:
        """Nothing of it will arrive: an operator has decided that nobody tries again."""
        self.terminal_status, self.ended_at = TerminalStatus.CANCELLED, at

    @transition(field=lifecycle_status, source=[COMPLETED, CANCELLED], target=ARCHIVED)
    def archive(self, at: datetime) -> None:
        """It is over and its record is kept elsewhere."""
        self.archived_at = at


class OrderLine(models.Model):
    """A bought line, at the price, SKU and name of the moment of checkout."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.IntegerField()
    product_id = models.UUIDField()
    sku = models.CharField(max_length=200)
    name = models.CharField(max_length=200, blank=True)
    quantity = models.IntegerField()
    unit_price = models.BigIntegerField()

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position"),
            models.CheckConstraint(condition=Q(quantity__gte=1, unit_price__gte=0), name="order_line_has_worth"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} of {self.sku}"


class OrderStatusHistory(models.Model):
    """One accepted transition. ``sequence`` counts them per order from 1 without a gap. Append-only."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="history", db_index=False)
    sequence = models.IntegerField()
    previous_status = models.CharField(max_length=20, choices=LifecycleStatus)
    new_status = models.CharField(max_length=20, choices=LifecycleStatus)
    reason = models.CharField(max_length=250, blank=True)
    actor = models.CharField(max_length=120)
    correlation_id = models.UUIDField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("sequence",)
        verbose_name_plural = "order status history"
        constraints = (
            models.UniqueConstraint(fields=["order", "sequence"], name="order_history_sequence"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="order_history_from_one"),
        )

    def __str__(self) -> str:
        return f"{self.sequence}: {self.previous_status} → {self.new_status}"


class OrderHold(models.Model):
    """One reason why an order stands still, the team that looks at it, and until when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="holds")
    reason = models.CharField(max_length=24, choices=HoldReason)
    owner_team = models.CharField(max_length=200)
    customer_message = models.CharField(max_length=280, blank=True, default="", db_default="")
    review_by = models.DateTimeField()
    placed_at = models.DateTimeField(db_default=Now())
    placed_by = models.CharField(max_length=120)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=120, blank=True, default="", db_default="")
    resolution = models.CharField(max_length=250, blank=True, default="", db_default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["order", "reason"],
                condition=Q(released_at__isnull=True),
                name="order_hold_open_once_per_reason",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, resolution="") | Q(released_at__isnull=False) & ~Q(resolution=""),
                name="order_hold_released_with_resolution",
            ),
            models.CheckConstraint(condition=Q(reason__in=HoldReason.values), name="order_hold_reason_known"),
        )
        indexes = (models.Index(fields=["review_by"], condition=Q(released_at__isnull=True), name="order_hold_open"),)

    def __str__(self) -> str:
        return f"{self.reason} on {self.order_id}"


class OrderAdjustment(models.Model):
    """One change of an order: what was asked, what it comes to, and whether it came about. At most one is open per order.

    ``subtotal``, ``discount`` and ``quantities`` (by position of line) are those after the change, in minor units.
    """

    id = models.UUIDField(primary_key=True)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="adjustments")
    kind = models.CharField(max_length=12, choices=AdjustmentKind)
    status = FSMField(max_length=10, choices=AdjustmentStatus.choices, default=AdjustmentStatus.OPEN, protected=True)
    changes = models.JSONField(db_comment="As they were asked for")
    quantities = models.JSONField()
    changed_fields = models.JSONField()
    previous_total = models.BigIntegerField()
    subtotal = models.BigIntegerField()
    discount = models.BigIntegerField()
    delivery_method = models.CharField(max_length=20, blank=True, default="", db_default="")
    promotions = models.JSONField(null=True, db_comment="Codes after the change, if it changes them")
    payment_id = models.UUIDField(null=True, db_comment="The further payment, where more is due")
    requested_by = models.CharField(max_length=200)
    reason = models.CharField(max_length=250, blank=True, default="", db_default="")
    problem = models.TextField(blank=True, default="", db_default="", db_comment="Why it did not come about")
    requested_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["order"], condition=Q(status="OPEN"), name="order_one_open_adjustment"),
            models.CheckConstraint(condition=Q(status__in=AdjustmentStatus.values), name="order_adjustment_status_known"),
            models.CheckConstraint(condition=Q(kind__in=AdjustmentKind.values), name="order_adjustment_kind_known"),
            models.CheckConstraint(
                condition=Q(status="OPEN", closed_at__isnull=True) | ~Q(status="OPEN") & Q(closed_at__isnull=False),
                name="order_adjustment_closed_unless_open",
            ),
        )
        indexes = (models.Index(fields=["requested_at"], condition=Q(status="OPEN"), name="order_adjustment_open"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.order_id}"

    @property
    def total(self) -> int:
        """What the order costs after the change."""
        return self.subtotal - self.discount

    @transition(field=status, source=AdjustmentStatus.OPEN, target=AdjustmentStatus.APPLIED)
    def apply(self, at: datetime) -> None:
        """The order is as it was asked for."""
        self.closed_at = at

    @transition(field=status, source=AdjustmentStatus.OPEN, target=AdjustmentStatus.REJECTED)
    def reject(self, at: datetime, problem: str) -> None:
        """The order stays as it was, and whatever was taken for the change is given back."""
        self.closed_at, self.problem = at, problem


class OrderArchive(models.Model):
    """Where an archived order is kept, and the checksum it was written and read back with."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, primary_key=True, related_name="archive_entry")
    reference = models.CharField(max_length=200)
    checksum = models.CharField(max_length=64)
    category = models.CharField(max_length=20, choices=RetentionCategory)
    archived_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reference


class ConfirmationSeries(models.Model):
    """Never holds a row: its identity column is the series that confirmation numbers are made from."""

    def __str__(self) -> str:
        return "confirmation series"
