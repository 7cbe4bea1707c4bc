"""Partners' endpoints, what was sent to them, every try, and the events that outsiders read from the stream."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from shop.outward.states import EndpointState, SendingState


class WebhookEndpoint(models.Model):
    """Where a partner listens. Its secret is kept nowhere: it is computed from the key of the shop and ``generation``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partner = models.CharField(max_length=200, db_comment="Who it belongs to; a service's own name")
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=500, blank=True)
    events = ArrayField(models.CharField(max_length=60), db_comment="Names of the events it is told of")
    status = models.CharField(max_length=10, choices=EndpointState, default=EndpointState.ACTIVE)
    disabled_reason = models.CharField(max_length=500, blank=True)
    generation = models.PositiveIntegerField(default=1, db_comment="Which secret; rotating counts on")
    previous_until = models.DateTimeField(null=True, blank=True, db_comment="Until when the secret before it signs too")
    failures = models.PositiveIntegerField(default=0, db_comment="Failed tries in a row")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "webhook endpoint"
        constraints = (
            models.CheckConstraint(
                condition=Q(status=EndpointState.ACTIVE, disabled_reason="")
                | (Q(status=EndpointState.DISABLED) & ~Q(disabled_reason="")),
                name="webhook_endpoint_disabled_for_a_reason",
            ),
        )
        indexes = (
            models.Index(fields=["partner", "-id"], name="webhook_endpoint_partner"),
            models.Index(fields=["status", "-id"], name="webhook_endpoint_status"),
        )

    def __str__(self) -> str:
        return self.url


class WebhookSending(models.Model):
    """One event on its way to one endpoint, with the body every try of it sends."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.PROTECT, related_name="sendings", db_index=False)
    message_id = models.UUIDField(db_comment="The event; also the header webhook-id")
    event = models.CharField(max_length=60)
    body = models.TextField(db_comment="What is sent, without personal data")
    status = models.CharField(max_length=10, choices=SendingState, default=SendingState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "webhook sending"
        constraints = (
            models.UniqueConstraint(fields=["endpoint", "message_id"], name="one_sending_per_endpoint_and_event"),
            models.CheckConstraint(
                condition=Q(status=SendingState.PENDING, next_at__isnull=False)
                | (~Q(status=SendingState.PENDING) & Q(next_at__isnull=True)),
                name="webhook_sending_due_only_while_pending",
            ),
        )
        indexes = (
            models.Index(fields=["endpoint", "-id"], name="webhook_sending_endpoint"),
            models.Index(fields=["endpoint", "status", "-id"], name="webhook_sending_state"),
            models.Index(fields=["status", "-id"], name="webhook_sending_open", condition=~Q(status="DELIVERED")),
            models.Index(fields=["message_id"], name="webhook_sending_message"),
        )

    def __str__(self) -> str:
        return f"{self.event} {self.message_id}"


class WebhookAttempt(models.Model):
    """One try: when, what came back, how long it took."""

    id = models.BigAutoField(primary_key=True)
    sending = models.ForeignKey(WebhookSending, on_delete=models.CASCADE, related_name="tries")
    attempt = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_default=Now())
    status_code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=500, blank=True)
    milliseconds = models.PositiveIntegerField()

    class Meta:
        verbose_name = "webhook attempt"

    def __str__(self) -> str:
        return f"try {self.attempt}"


class StreamEntry(models.Model):
    """One event as outsiders may read it. Ids grow in commit order, and are the ids in the stream."""

    id = models.BigAutoField(primary_key=True)
    owner = models.CharField(max_length=60, db_comment="Whose event; each owner has a stream")
    message_id = models.UUIDField(unique=True)
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=12)
    key = models.CharField(max_length=64, blank=True)
    sequence = models.BigIntegerField(null=True)
    payload = models.TextField(db_comment="Without personal data")
    occurred_at = models.DateTimeField()

    class Meta:
        verbose_name = "stream entry"
        verbose_name_plural = "stream entries"
        indexes = (models.Index(fields=["owner", "id"], name="stream_entry_owner"),)

    def __str__(self) -> str:
        return f"{self.name} {self.message_id}"
