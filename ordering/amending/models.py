"""One run of the amendment saga per change of an order, and every try of each of its steps."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ordering.amending.states import AmendmentState
from shop.messaging.saga.records import AttemptRecord, SagaRecord


class AmendmentRun(SagaRecord):
    """A change under way. The primary key is the published ``changeId``."""

    order_id = models.UUIDField()

    class Meta(SagaRecord.Meta):
        verbose_name = "change of an order"
        verbose_name_plural = "changes of orders"
        indexes = (  # type: ignore[assignment]
            *SagaRecord.Meta.indexes,
            models.Index(fields=["order_id"], name="amendmentrun_order"),
        )
        constraints = (models.CheckConstraint(condition=Q(state__in=AmendmentState.values), name="amendmentrun_state_known"),)

    def __str__(self) -> str:
        return f"change {self.pk}"


class AmendmentAttempt(AttemptRecord):
    """One try of one step of a change, or of its undo."""

    record = models.ForeignKey(AmendmentRun, on_delete=models.CASCADE, related_name="attempts", db_index=False)

    class Meta(AttemptRecord.Meta):
        pass

    def __str__(self) -> str:
        return f"{'undo ' if self.undo else ''}{self.step} #{self.attempt}"
