"""Imports that wait for a person, for the dashboard."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Min
from django.urls import reverse

from catalog.feeds.models import ProductImport
from catalog.feeds.states import ImportState
from shop.console.queues import Waiting


def import_queues() -> Sequence[Waiting]:
    """Feeds that are compared and not yet applied."""
    found = ProductImport.objects.filter(status=ImportState.READY).aggregate(count=Count("id"), oldest=Min("updated_at"))
    return [
        Waiting(
            title="Imports to confirm",
            count=found["count"],
            oldest=found["oldest"],
            url=f"{reverse('admin:catalog_productimport_changelist')}?tab=open",
            permission="catalog.view_productimport",
            icon="upload_file",
            meaning="Feeds that are read and compared; somebody has to look and apply or cancel them.",
        )
    ]
