"""Taking an upload for something, and letting go of it."""

from __future__ import annotations

from uuid import UUID

from django.db.models.functions import Now

from catalog.uploads.models import Upload
from shop.messaging.errors import Missing


def claim(upload_id: UUID) -> Upload:
    """The upload, which is kept from now on. Raises ``Missing`` (404) for one that is not there, or not any more."""
    found = Upload.objects.select_for_update().filter(pk=upload_id).first()
    if found is None:
        raise Missing("upload_not_found", "There is no such upload; one that nobody uses is kept for a day.")
    if found.claimed_at is None:
        Upload.objects.filter(pk=upload_id).update(claimed_at=Now())
    return found


def forget(upload_id: UUID) -> None:
    """The upload is not there any more; its file is its owner's to discard."""
    Upload.objects.filter(pk=upload_id).delete()
