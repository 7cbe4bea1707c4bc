"""Batches under way, for the dashboard: whoever left his finds it again there."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Count, Min, Q
from django.urls import reverse

from shop.console.batches.models import OPEN, Batch
from shop.console.batches.seeing import seen_by
from shop.console.queues import Waiting
from shop.messaging.sets import fetch_rows

SEE: Final = "shop.view_batch"
STILL_MINUTES: Final = 5  # one that moves moves several times a minute, whatever its pace


def batches_of(user: Any) -> tuple[Waiting, Waiting] | None:
    """What this person sees of them: those that do not move, and all under way. ``None`` for whoever may not see any."""
    if not user.has_perm(SEE):
        return None
    ((since,),) = fetch_rows("SELECT now() - make_interval(mins => %s)", [STILL_MINUTES])
    still = Q(moved_at__lt=since)
    found = seen_by(user, Batch.objects.filter(status__in=OPEN)).aggregate(
        count=Count("id"), oldest=Min("created_at"), still=Count("id", filter=still), since=Min("moved_at", filter=still)
    )
    address = f"{reverse('admin:shop_batch_changelist')}?tab=open"
    why = f"No row was dealt with for {STILL_MINUTES} minutes: is a worker running?"
    return (
        Waiting("Batches that do not move", found["still"], found["since"], address, SEE, "hourglass_disabled", why),
        Waiting("Batches under way", found["count"], found["oldest"], address, SEE, "playlist_play", "Yours among them."),
    )
