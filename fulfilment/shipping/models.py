"""Shipments, their parcels, what the carrier said about them, and every webhook and call. Times are the database's, UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django_fsm import FSMField, FSMModelMixin, transition

from fulfilment.shipping.states import (
    COLLECTED,
    UNDER_WAY,
    FailureReason,
    ParcelStatus,
    Resolution,
    ShipmentStatus,
    WebhookStatus,
)

REQUESTED, CREATED = ShipmentStatus.REQUESTED, ShipmentStatus.CREATED
DELIVERED, FAILED = ShipmentStatus.DELIVERED, ShipmentStatus.FAILED


def _nobody_has_decided(shipment: Any) -> bool:
    return not shipment.resolution


class Shipment(FSMModelMixin, models.Model):
    """The parcels of one packed job on one journey. A carrier books it once: its id is the carrier's reference, and one try to
    book has one idempotency key, however often it is repeated. A try that was refused booked nothing; the next has a new key.

    ``asked_since`` is set while the carrier may know something that we do not.
    """

    id = models.UUIDField(primary_key=True)
    order_id = models.UUIDField()
    picking_job_id = models.UUIDField()
    customer_id = models.UUIDField()
    confirmation_number = models.CharField(max_length=12)
    attempt = models.SmallIntegerField(default=1, db_default=1, db_comment="Counts the journeys of the same parcels")
    delivery_method = models.CharField(max_length=20)
    status = FSMField(max_length=10, choices=ShipmentStatus.choices, default=REQUESTED, protected=True)
    carrier = models.CharField(max_length=200, blank=True, default="", db_default="")
    service = models.CharField(max_length=10, blank=True, default="", db_default="")
    parcel_count = models.SmallIntegerField()
    destination = models.JSONField(null=True, blank=True, db_comment="As the contracts write an address")
    address_revision = models.IntegerField(default=1, db_default=1)
    address_came_late = models.BooleanField(default=False, db_default=False, db_comment="Changed after the carrier was asked")
    booking_try = models.SmallIntegerField(default=1, db_default=1, db_comment="Part of the idempotency key")
    asked = models.IntegerField(default=0, db_default=0, db_comment="Calls of this try")
    asked_since = models.DateTimeField(null=True, blank=True, db_comment="The outcome of this try is not known since then")
    ask_again_at = models.DateTimeField(null=True, blank=True, db_comment="When the carrier is asked at the latest")
    last_error = models.TextField(blank=True, default="", db_default="", db_comment="Why the outcome is not known")
    refused_at = models.DateTimeField(null=True, blank=True, db_comment="The carrier will not take it; a person decides")
    refused_because = models.TextField(blank=True, default="", db_default="")
    carrier_shipment_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    tracking_number = models.CharField(max_length=200, blank=True, default="", db_default="")
    label_url = models.CharField(max_length=500, blank=True, default="", db_default="")
    estimated_delivery = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    booked_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True, db_comment="The carrier's last word about it")
    delivered_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.CharField(max_length=200, blank=True, default="", db_default="")
    failed_at = models.DateTimeField(null=True, blank=True)
    failure_reason = models.CharField(max_length=20, choices=FailureReason, blank=True, default="", db_default="")
    resolution = models.CharField(max_length=12, choices=Resolution, blank=True, default="", db_default="")
    resolved_at = models.DateTimeField(null=True, blank=True)
    successor_id = models.UUIDField(null=True, blank=True, db_comment="The shipment or job that came in its place")
    version = models.IntegerField(default=1, db_default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(status__in=ShipmentStatus.values), name="shipment_status_known"),
            models.CheckConstraint(condition=Q(parcel_count__gte=1), name="shipment_has_parcels"),
            models.UniqueConstraint(fields=("order_id",), condition=Q(status__in=UNDER_WAY), name="shipment_one_under_way"),
            models.UniqueConstraint(fields=("picking_job_id", "attempt"), name="shipment_once_per_journey"),
            models.CheckConstraint(
                condition=Q(status__in=(REQUESTED, FAILED))
                | Q(delivery_method=COLLECTED)
                | (Q(carrier_shipment_id__isnull=False) & ~Q(tracking_number="")),
                name="shipment_under_way_is_booked",
            ),
            models.CheckConstraint(
                condition=Q(resolution="", resolved_at__isnull=True) | Q(status=FAILED, resolved_at__isnull=False),
                name="shipment_resolved_only_when_failed",
            ),
            models.CheckConstraint(condition=~Q(status=FAILED) | ~Q(failure_reason=""), name="shipment_failed_for_a_reason"),
        )
        indexes = (
            models.Index(fields=("order_id", "-id"), name="shipment_order"),
            models.Index(fields=("status", "-id"), name="shipment_status"),
            models.Index(fields=("ask_again_at",), condition=Q(ask_again_at__isnull=False), name="shipment_ask_again"),
            models.Index(fields=("refused_at",), condition=Q(refused_at__isnull=False), name="shipment_refused"),
            models.Index(fields=("failed_at",), condition=Q(status=FAILED, resolution=""), name="shipment_undecided"),
        )

    def __str__(self) -> str:
        return f"shipment {self.pk}"

    @property
    def is_collected(self) -> bool:
        """Whether the customer comes for it, so that no carrier knows of it."""
        return self.delivery_method == COLLECTED

    @property
    def place(self) -> Mapping[str, Any]:
        """Where it goes. Only a carrier is told, so what is collected has none."""
        assert self.destination is not None
        return self.destination

    @property
    def may_be_booked(self) -> bool:
        """Whether the carrier has been asked and its answer is missing: then nobody knows whether it is booked."""
        return self.status == REQUESTED and self.asked_since is not None

    @property
    def key(self) -> str:
        """The idempotency key of the present try to book."""
        return f"shipment:{self.pk}:{self.booking_try}"

    @transition(field=status, source=REQUESTED, target=CREATED)
    def book(self, *, at: datetime) -> None:
        """The carrier has taken it, or it waits at the counter."""
        self.booked_at = self.heard_at = at
        self.asked_since = self.refused_at = None
        self.last_error = self.refused_because = ""

    @transition(field=status, source=CREATED, target=DELIVERED)
    def deliver(self, *, at: datetime, signed_by: str) -> None:
        """Every parcel has arrived."""
        self.delivered_at, self.signed_by, self.ask_again_at = at, signed_by, None

    @transition(field=status, source=FAILED, target=DELIVERED, conditions=[_nobody_has_decided])
    def turn_up(self, *, at: datetime, signed_by: str) -> None:
        """It had been given up and arrived all the same, before anybody decided otherwise."""
        self.delivered_at, self.signed_by = at, signed_by

    @transition(field=status, source=UNDER_WAY, target=FAILED)
    def fail(self, *, reason: str, at: datetime) -> None:
        """It will not arrive; a person decides what happens next."""
        self.failure_reason, self.failed_at = reason, at
        self.ask_again_at = self.asked_since = self.refused_at = None


class Parcel(models.Model):
    """One parcel of a shipment; its tracking number is there once the carrier has given one."""

    id = models.BigAutoField(primary_key=True)
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="parcels", db_index=False)
    number = models.SmallIntegerField()
    tracking_number = models.CharField(max_length=200, blank=True, default="", db_default="")
    status = models.CharField(max_length=10, choices=ParcelStatus, default=ParcelStatus.ANNOUNCED, db_default="ANNOUNCED")
    changed_at = models.DateTimeField(null=True, blank=True, db_comment="By the carrier's clock")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("shipment", "number"), name="parcel_number_once"),
            models.CheckConstraint(condition=Q(status__in=ParcelStatus.values), name="parcel_status_known"),
        )
        indexes = (models.Index(fields=("tracking_number",), condition=~Q(tracking_number=""), name="parcel_tracking_number"),)

    def __str__(self) -> str:
        return f"parcel {self.number} of {self.shipment_id}"


class TrackingEvent(models.Model):
    """One thing the carrier said about a shipment or one of its parcels; the same thing is kept once. Append-only."""

    id = models.BigAutoField(primary_key=True)
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="events", db_index=False)
    status = models.CharField(max_length=40)
    at = models.DateTimeField(db_comment="By the carrier's clock")
    tracking_number = models.CharField(max_length=200, blank=True, default="", db_default="")
    heard_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "tracking event"
        constraints = (
            models.UniqueConstraint(fields=("shipment", "at", "status", "tracking_number"), name="tracking_event_once"),
        )

    def __str__(self) -> str:
        return f"{self.status} {self.at}"


class CarrierCall(models.Model):
    """One call to the carrier: what was asked under which key, and what came of it. Append-only."""

    id = models.BigAutoField(primary_key=True)
    shipment_id = models.UUIDField()
    operation = models.CharField(max_length=20)
    idempotency_key = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=20)
    detail = models.TextField(blank=True)
    milliseconds = models.IntegerField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "carrier call"
        indexes = (models.Index(fields=("shipment_id", "id"), name="carrier_call_shipment"),)

    def __str__(self) -> str:
        return f"{self.operation} {self.outcome}"


class CarrierWebhook(models.Model):
    """One verified webhook of the carrier, as it came, and what it did. Forged ones never get here."""

    id = models.UUIDField(primary_key=True)
    event_id = models.CharField(max_length=255, unique=True)
    type = models.CharField(max_length=100)
    body = models.BinaryField()
    received_at = models.DateTimeField(db_default=Now())
    status = models.CharField(max_length=10, choices=WebhookStatus, default=WebhookStatus.RECEIVED, db_default="RECEIVED")
    attempts = models.SmallIntegerField(default=0, db_default=0)
    did = models.TextField(blank=True, default="", db_default="", db_comment="What it did, or why nothing")
    shipment_id = models.UUIDField(null=True, blank=True, db_comment="Which shipment of ours it is about")
    worked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "carrier webhook"
        constraints = (models.CheckConstraint(condition=Q(status__in=WebhookStatus.values), name="carrier_webhook_status_known"),)
        indexes = (
            models.Index(
                fields=("status", "received_at"), condition=Q(status__in=("RECEIVED", "PARKED")), name="carrier_webhook_to_do"
            ),
            models.Index(fields=("shipment_id",), condition=Q(shipment_id__isnull=False), name="carrier_webhook_shipment"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
