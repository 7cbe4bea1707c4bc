"""The checkout session: one run of the checkout saga, and every try of each of its steps."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ordering.checkout.states import CheckoutState
from shop.messaging.saga.records import AttemptRecord, SagaRecord


class CheckoutSession(SagaRecord):
    """One cart on its way to an order. Its ids are allotted as it starts, so that every step can be repeated and undone.

    The primary key is the published ``checkoutSessionId``. Money in minor units of ``currency``.
    """

    cart_id = models.UUIDField(unique=True)
    customer_id = models.UUIDField()
    order_id = models.UUIDField(unique=True)
    reservation_id = models.UUIDField(unique=True)
    payment_id = models.UUIDField(unique=True)
    total = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta(SagaRecord.Meta):
        indexes = (  # type: ignore[assignment]
            *SagaRecord.Meta.indexes,
            models.Index(fields=["customer_id", "-id"], name="checkoutsession_customer"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(state__in=CheckoutState.values), name="checkoutsession_state_known"),
            models.CheckConstraint(condition=Q(total__gte=0), name="checkoutsession_total_not_negative"),
        )

    def __str__(self) -> str:
        return f"checkout {self.pk}"


class CheckoutAttempt(AttemptRecord):
    """One try of one step of a checkout, or of its undo."""

    record = models.ForeignKey(CheckoutSession, on_delete=models.CASCADE, related_name="attempts", db_index=False)

    class Meta(AttemptRecord.Meta):
        pass

    def __str__(self) -> str:
        return f"{'undo ' if self.undo else ''}{self.step} #{self.attempt}"
