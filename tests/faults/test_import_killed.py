"""kill -9 while a feed is read and applied: another worker goes on, and every product is there once."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import LazySettings

from catalog.products.models import Product
from catalog.uploads.keeping import keep
from config.bench.importing import feed
from shop.contracts.feeds import ApplyProductImport, GetProductImport, StartProductImport
from shop.messaging.bus import ask, execute
from shop.messaging.doorbell import listening
from shop.messaging.models import Message
from tests.faults.tools import Shop, forget_time, killed, open_mail, violations

ROWS = 2_500  # two chunks when it is applied
STAGE, APPLY = "catalog.feeds.stage_product_import", "catalog.feeds.apply_product_import_chunk"


@pytest.mark.parametrize(
    "place", [f"deliver.before_commit:{STAGE}", f"deliver.before_commit:{APPLY}#2", f"deliver.after_commit:{APPLY}"]
)
def test_every_product_of_a_feed_is_there_once(shop: Shop, settings: LazySettings, tmp_path: Path, place: str) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    before = Product.objects.count()
    with listening():
        upload = keep(io.BytesIO(b"".join(feed(ROWS))).read, "feed.csv")
        import_id = execute(StartProductImport(upload_id=upload.upload_id)).import_id
    if APPLY in place:
        assert shop.work(MEDIA_ROOT=str(tmp_path)) == 0
        with listening():
            execute(ApplyProductImport(import_id=import_id))
    assert shop.work(crash_at=place, MEDIA_ROOT=str(tmp_path)) == killed(), f"{place} was never passed"
    forget_time()
    assert shop.work(MEDIA_ROOT=str(tmp_path)) == 0
    if STAGE in place:
        with listening():
            execute(ApplyProductImport(import_id=import_id))
        assert shop.work(MEDIA_ROOT=str(tmp_path)) == 0
    view = ask(GetProductImport(import_id=import_id))
    assert (view.status, view.applied, view.skipped) == ("APPLIED", ROWS, 0)
    assert Product.objects.count() - before == ROWS
    assert Message.objects.filter(name="ProductCreated").count() == ROWS
    assert open_mail() == 0
    assert violations() == []
