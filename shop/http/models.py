"""Answers kept for repeated requests, and the tokens of our own services."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from uuid_utils.compat import uuid7


class IdempotencyKey(models.Model):
    """One ``Idempotency-Key`` of one caller for one address: claimed before the work, answered in the work's transaction."""

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=64, db_comment="SHA-256 of caller, method and path")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, db_comment="Keyed SHA-256 of the body")
    lease = models.UUIDField(null=True, db_comment="Whoever works on it; null once it is answered")
    leased_until = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True, db_default="")
    customer_id = models.UUIDField(null=True, db_comment="Whom the answer is about, so that an erasure finds it")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint("scope", "key", name="one_request_per_idempotency_key"),
            models.CheckConstraint(
                condition=Q(lease__isnull=True, status__isnull=False) | Q(lease__isnull=False, status__isnull=True),
                name="idempotency_key_leased_or_answered",
            ),
        )
        indexes = (
            models.Index("created_at", name="idempotency_key_age"),
            models.Index("customer_id", condition=Q(customer_id__isnull=False), name="idempotency_key_customer"),
        )

    def __str__(self) -> str:
        return self.key


class ServiceToken(models.Model):
    """What a service of ours authenticates with. Only the SHA-256 of the token is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80, db_comment="Who acts: messages are signed service:<name>")
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, db_comment="Accurate to an hour")

    def __str__(self) -> str:
        return self.name
