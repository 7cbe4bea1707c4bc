"""Uploads as the catalogue remembers them."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from catalog.uploads.discarding import DISCARD
from catalog.uploads.models import Upload
from shop.contracts.feeds import DiscardFiles, PruneUploads, RecordUpload, UploadView
from shop.messaging.bus import send
from shop.messaging.sets import fetch_rows, run

discard_files = DISCARD

UNCLAIMED_HOURS: Final = 24
UNCLAIMED: Final = """
    DELETE FROM catalog_upload WHERE id IN (
        SELECT id FROM catalog_upload WHERE claimed_at IS NULL AND created_at < now() - make_interval(hours => %s)
        ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING id
"""
# Rows of ended imports are many: as many per transaction as a second takes.
ROWS_AT_ONCE: Final = 50_000
ENDED: Final = """
    SELECT id, upload FROM catalog_productimport
    WHERE NOT rows_pruned AND finished_at < now() - make_interval(days => %s)
    ORDER BY finished_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
DROP_ROWS: Final = """
    DELETE FROM catalog_importrow WHERE (imported_id, line) IN (
        SELECT imported_id, line FROM catalog_importrow WHERE imported_id = %s ORDER BY line LIMIT %s)
"""


def record_upload(command: RecordUpload) -> UploadView:
    """Remember a stored file."""
    row, _ = Upload.objects.get_or_create(
        pk=command.upload_id,
        defaults={"file_name": command.file_name, "size": command.size, "sha256": command.sha256},
    )
    return UploadView(upload_id=row.pk, file_name=row.file_name, size=row.size, sha256=row.sha256)


def prune_uploads(command: PruneUploads) -> None:
    """Remove what nobody claimed for a day, and rows and file of imports that ended ``IMPORT_KEEP_DAYS`` ago."""
    unclaimed = [f"uploads/{key}" for (key,) in fetch_rows(UNCLAIMED, [UNCLAIMED_HOURS, command.limit])]
    if unclaimed:
        send(DiscardFiles(names=unclaimed))
    for import_id, upload in fetch_rows(ENDED, [settings.IMPORT_KEEP_DAYS]):
        if run(DROP_ROWS, [import_id, ROWS_AT_ONCE]) < ROWS_AT_ONCE:
            run("UPDATE catalog_productimport SET rows_pruned = true WHERE id = %s", [import_id])
            run("DELETE FROM catalog_upload WHERE id = %s", [upload])
            send(DiscardFiles(names=[f"uploads/{upload}"]))
        send(command)
