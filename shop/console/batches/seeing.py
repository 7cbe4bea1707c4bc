"""Who sees which batches: everybody his own, and those that do what he may do himself."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from shop.console.batches.models import Batch
from shop.messaging.context import current_actor


def seen_by(user: Any, batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """What of ``batches`` the signed-in person sees; a superuser sees all."""
    if user.is_superuser:
        return batches
    return batches.filter(Q(actor=current_actor()) | Q(permission__in=user.get_all_permissions()))
