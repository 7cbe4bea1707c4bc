"""Imports of product feeds, step by step. Each step is mail to ourselves, so a killed worker costs one chunk at most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from catalog.feeds.applying import apply_chunk
from catalog.feeds.models import ProductImport
from catalog.feeds.queries import no_such_import, view_of
from catalog.feeds.reading import BadFile, Layout, layout_of
from catalog.feeds.staging import count_up, stage_chunk
from catalog.feeds.states import ImportState
from catalog.uploads.claiming import claim
from shop.contracts.feeds import (
    ApplyProductImport,
    ApplyProductImportChunk,
    CancelProductImport,
    ImportView,
    StageProductImport,
    StartProductImport,
)
from shop.contracts.products import EnrichProducts
from shop.messaging.bus import send
from shop.messaging.context import current_actor, doing
from shop.messaging.declaring import declare
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Invalid, Refused
from shop.messaging.handlers import in_batches


def start_product_import(command: StartProductImport) -> ImportView:
    """Begin to read a feed. Raises ``Missing`` (404) for an unknown upload, ``Invalid`` (400) for a file that is no feed."""
    upload = claim(command.upload_id)
    if there := ProductImport.objects.filter(upload=upload.pk).first():
        return view_of(there)
    layout = _layout(upload.stored_as)
    imported = ProductImport.objects.create(
        id=uuid7(),
        upload=upload.pk,
        file_name=upload.file_name,
        size=upload.size,
        actor=current_actor(),
        layout=layout.data(),
        offset=layout.offset,
        line=layout.line,
    )
    imported.refresh_from_db(fields=["created_at", "updated_at"])
    send(StageProductImport(import_id=imported.pk, offset=layout.offset))
    return view_of(imported)


@in_batches(1)
def stage_product_import(batch: Sequence[Envelope[StageProductImport]]) -> None:
    """Read and compare the next rows, and ask for more; after the last ones a person decides."""
    (envelope,) = batch
    imported = _locked(envelope.message.import_id)
    if imported.status != ImportState.STAGING or imported.offset != envelope.message.offset:
        return  # cancelled, or an old command again
    try:
        more = stage_chunk(imported)
    except BadFile as bad:
        imported.refuse(str(bad))
        _save(imported, "status", "reason", finished_at=Now())
        return
    if more:
        send(StageProductImport(import_id=imported.pk, offset=imported.offset), cause=envelope)
    else:
        count_up(imported)
        imported.ready()
    _save(imported, "status", "rows", "offset", "line", "new", "changed", "unchanged", "rejected")


def apply_product_import(command: ApplyProductImport) -> ImportView:
    """Begin to apply. Raises ``Missing`` (404), ``Refused`` (409) unless it is ready; one that was applied is answered again."""
    imported = _locked(command.import_id)
    if imported.status in {ImportState.APPLYING, ImportState.APPLIED}:
        return view_of(imported)
    if imported.status != ImportState.READY:
        raise Refused("import_not_ready", f"This import is {imported.get_status_display().lower()}.")
    imported.start()
    _save(imported, "status", "line")
    send(ApplyProductImportChunk(import_id=imported.pk, after_line=0))
    return view_of(imported)


@in_batches(1)
def apply_product_import_chunk(batch: Sequence[Envelope[ApplyProductImportChunk]]) -> None:
    """Apply the next rows, and ask for more until there are none."""
    (envelope,) = batch
    imported = _locked(envelope.message.import_id)
    if imported.status != ImportState.APPLYING or imported.line != envelope.message.after_line:
        return  # cancelled, or an old command again
    written: dict[str, Any] = {}
    with doing("productimport.apply", f"Import {imported.pk}: {imported.file_name}"):
        # A changed product is on record; a million new ones say so in the mailbox and are not kept twice.
        declare(actor=envelope.actor, correlation_id=envelope.correlation_id, watch=False)
    if apply_chunk(imported):
        send(ApplyProductImportChunk(import_id=imported.pk, after_line=imported.line), cause=envelope)
    else:
        imported.finish()
        written["finished_at"] = Now()
        send(EnrichProducts(), cause=envelope)
    _save(imported, "status", "line", "applied", "skipped", **written)


def cancel_product_import(command: CancelProductImport) -> ImportView:
    """Stop it where it is. Raises ``Missing`` (404), ``Refused`` (409) for one that has ended otherwise."""
    imported = _locked(command.import_id)
    if imported.status == ImportState.CANCELLED:
        return view_of(imported)
    if imported.status not in {ImportState.STAGING, ImportState.READY, ImportState.APPLYING}:
        raise Refused("import_ended", f"This import is {imported.get_status_display().lower()}.")
    imported.cancel()
    _save(imported, "status", finished_at=Now())
    return view_of(imported)


def _layout(stored: str) -> Layout:
    try:
        with default_storage.open(stored) as file:
            return layout_of(file)
    except BadFile as bad:
        raise Invalid("invalid_feed", str(bad)) from None


def _locked(import_id: UUID) -> ProductImport:
    found = ProductImport.objects.select_for_update().filter(pk=import_id).first()
    if found is None:
        raise no_such_import()
    return found


def _save(imported: ProductImport, *fields: str, **written: Any) -> None:
    imported.updated_at = Now()
    for name, value in written.items():
        setattr(imported, name, value)
    imported.save(update_fields=[*fields, "updated_at", *written])
    imported.refresh_from_db(fields=["updated_at", "finished_at"])
