"""Rows that were refused or failed wait again, with the versions they have now: whoever tries again has seen who changed them."""

from __future__ import annotations

from typing import Final

from django.apps import apps

from shop.console.batches.models import Batch, BatchRow
from shop.console.keys import AT_A_TIME, clean, versions
from shop.messaging.sets import fetch_rows, update_rows

UNDONE: Final = """
    SELECT position, key FROM shop_batchrow
    WHERE batch_id = %s AND outcome IN ('REFUSED', 'FAILED') AND position > %s ORDER BY position LIMIT %s
"""


def wait_again(batch: Batch) -> None:
    """Set them back, so many at a time."""
    model, after = apps.get_model(batch.model), 0
    while rows := fetch_rows(UNDONE, [batch.pk, after, AT_A_TIME]):
        seen = dict(versions(model._default_manager.filter(pk__in=clean(model, [key for _, key in rows]))))
        update_rows(
            BatchRow._meta.db_table,
            ("position", "integer"),
            (("seen", "text"), ("outcome", "text"), ("sentence", "text")),
            [(position, seen.get(key, ""), "WAITING", "") for position, key in rows],
            where=f"t.batch_id = '{batch.pk}'",
        )
        after = rows[-1][0]
