"""The mailbox: what was said, who has yet to hear it, and what operators did about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Now

from shop.messaging.states import ChangeKind, DeliveryStatus

BY_PEOPLE = Q(actor__startswith="staff:")
PAST_THE_APPLICATION = Q(actor__startswith="database:") | Q(actor__startswith="staff:shell")


class TransactionId(Func):
    """The present transaction by the number that Postgres gave it."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class Message(models.Model):
    """One command or event, written in the transaction that decided it and never changed afterwards, except that an erasure
    replaces what it says about a person."""

    id = models.UUIDField(primary_key=True)  # UUIDv7: grows with time, so the index is only appended to
    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=12)
    key = models.CharField(max_length=64, blank=True, db_comment="Aggregate whose messages are in order")
    sequence = models.BigIntegerField(null=True, db_comment="Place within the key, allotted under the aggregate's lock")
    correlation_id = models.UUIDField(db_comment="Equal for everything one request set off")
    causation_id = models.UUIDField(null=True, db_comment="The message this one answers or follows")
    actor = models.CharField(max_length=120, blank=True)
    payload = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "message"
        indexes = (
            models.Index(fields=["correlation_id", "id"], name="message_correlation"),
            models.Index(fields=["key", "id"], condition=~Q(key=""), name="message_key"),
            models.Index(fields=["name", "-id"], name="message_name"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class Delivery(models.Model):
    """One message on its way to one subscriber. The row is outbox and inbox at once: done means its effect is durable."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    subscriber = models.CharField(max_length=120)
    queue = models.CharField(max_length=40)
    key = models.CharField(max_length=64, blank=True, db_comment="Set only, and always, for ordered subscribers")
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.OPEN)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = (
            models.UniqueConstraint(fields=["message", "subscriber"], name="one_delivery_per_subscriber"),
            models.CheckConstraint(
                condition=Q(status=DeliveryStatus.LEASED, lease__isnull=False, leased_until__isnull=False)
                | (~Q(status=DeliveryStatus.LEASED) & Q(lease__isnull=True)),
                name="delivery_lease_only_while_leased",
            ),
        )
        indexes = (
            models.Index(fields=["subscriber", "due_at", "id"], condition=Q(status="open"), name="delivery_open"),
            models.Index(fields=["leased_until"], condition=Q(status="leased"), name="delivery_leased"),
            models.Index(fields=["fingerprint", "-id"], condition=Q(status="dead"), name="delivery_dead"),
            models.Index(
                fields=["subscriber", "key", "id"],
                condition=Q(status__in=("open", "leased", "dead")) & ~Q(key=""),
                name="delivery_ordered",
            ),
            models.Index(fields=["subscriber", "id"], condition=Q(status="open") & ~Q(key=""), name="delivery_next_in_order"),
            models.Index(fields=["-id"], condition=Q(status="discarded"), name="delivery_discarded"),
        )

    def __str__(self) -> str:
        return f"{self.subscriber} ← {self.message_id}"


class OperatorAction(models.Model):
    """What a person did, to what, why, and what it changed. Append-only: a trigger refuses everything but pruning and erasure."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=120)
    verb = models.CharField(max_length=40)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=64)
    reason = models.CharField(max_length=500)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    correlation_id = models.UUIDField(null=True)
    transaction_id = models.BigIntegerField(
        null=True, db_default=TransactionId(), db_comment="The same as that of the changes it made; null before these were kept"
    )

    class Meta:
        indexes = (
            models.Index(fields=["target_type", "target_id", "-id"], name="action_target"),
            models.Index(fields=["actor", "-id"], name="action_actor"),
            models.Index(fields=["at", "id"], name="action_at"),
            models.Index(fields=["transaction_id"], name="action_transaction"),
            models.Index(fields=["correlation_id"], condition=Q(correlation_id__isnull=False), name="action_chain"),
        )

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.target_type} {self.target_id}"


class ObjectChange(models.Model):
    """What became of one row, and who made it so: written by a trigger, so that no way of changing a row leads past it.

    ``table_name`` is the table of the row and ``object_id`` the key of the thing it belongs to: the order of a line, the person
    of a role. ``before`` and ``after`` hold the columns that differ; of a row that came or went, all of them. Append-only.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    table_name = models.CharField(max_length=63)
    object_id = models.CharField(max_length=64)
    operation = models.CharField(max_length=6, choices=ChangeKind)
    actor = models.CharField(max_length=120, db_comment="As in messages; database:<role> for whoever came past the application")
    via = models.CharField(max_length=64, blank=True, db_comment="application_name of the connection")
    verb = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    correlation_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True, db_comment="Of the HTTP request, as in the log")
    transaction_id = models.BigIntegerField()

    class Meta:
        verbose_name = "change"
        indexes = (
            models.Index(fields=["table_name", "object_id", "-id"], name="change_object"),
            models.Index(fields=["table_name", "-id"], name="change_table"),
            models.Index(fields=["actor", "-id"], name="change_actor"),
            models.Index(fields=["at", "id"], name="change_at"),
            models.Index(fields=["correlation_id"], condition=Q(correlation_id__isnull=False), name="change_chain"),
            models.Index(fields=["transaction_id"], name="change_transaction"),
            models.Index(fields=["operation", "-id"], condition=~Q(operation=ChangeKind.UPDATE), name="change_operation"),
            models.Index(fields=["-id"], condition=BY_PEOPLE, name="change_by_people"),
            models.Index(fields=["-id"], condition=PAST_THE_APPLICATION, name="change_past_application"),
        )

    def __str__(self) -> str:
        return f"{self.table_name} {self.object_id} {self.operation}"


class Heartbeat(models.Model):
    """A process that says it is alive; health pages read how long ago."""

    process = models.CharField(max_length=120, primary_key=True)
    role = models.CharField(max_length=20)
    beat_at = models.DateTimeField(db_default=Now())
    detail = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.process


class TimetableEntry(models.Model):
    """When a recurring command was last sent, so that several sweepers send it once."""

    name = models.CharField(max_length=80, primary_key=True)
    last_sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Subscription(models.Model):
    """Since when messages of this name have anybody to go to; what was said before had nobody, and that was right."""

    message_name = models.CharField(max_length=120, primary_key=True)
    since = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.message_name
