"""From a feed to rows that say what they would change: copied in as they are read, compared with the catalogue in sets."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

from catalog.feeds.cells import Staged, understand
from catalog.feeds.models import ProductImport
from catalog.feeds.reading import BadFile, Layout, Row, rows_of
from shop.messaging.sets import fetch_rows, run

CHUNK: Final = 20_000

# The table of one chunk lives and dies with this connection's transaction and is written to no log.
ARRIVALS: Final = """
    CREATE TEMP TABLE IF NOT EXISTS feed_arrivals (
        line integer, sku text, name text, description text, price bigint, currency text, category text, status text, errors text
    ) ON COMMIT DELETE ROWS
"""
COPY: Final = "COPY feed_arrivals (line, sku, name, description, price, currency, category, status, errors) FROM STDIN"
# An empty text changes nothing. What differs is kept as it was: the preview, and what applying compares with.
COMPARE: Final = """
    INSERT INTO catalog_importrow
        (imported_id, line, kind, sku, name, description, price, currency, category, status, before, errors)
    SELECT %s::uuid, line,
           CASE WHEN wrong <> '' THEN 'REJECTED' WHEN id IS NULL THEN 'NEW'
                WHEN before = '{}' THEN 'UNCHANGED' ELSE 'CHANGED' END,
           sku, name, description, price, currency, category, status,
           CASE WHEN wrong = '' AND id IS NOT NULL AND before <> '{}' THEN before END, wrong
    FROM (
        SELECT a.*, p.id,
               CASE WHEN a.errors <> '' THEN a.errors
                    WHEN a.status = 'DRAFT' AND p.status <> 'DRAFT' THEN
                        'status: a product that has left the draft does not become a draft again'
                    ELSE '' END AS wrong,
               jsonb_strip_nulls(jsonb_build_object(
                   'name', CASE WHEN a.name <> p.name THEN p.name END,
                   'description', CASE WHEN a.description NOT IN ('', p.description) THEN p.description END,
                   'price', CASE WHEN a.price <> p.price THEN p.price END,
                   'currency', CASE WHEN a.currency <> p.currency THEN p.currency END,
                   'category', CASE WHEN a.category NOT IN ('', p.category) THEN p.category END,
                   'status', CASE WHEN a.status NOT IN ('', p.status) THEN p.status END)) AS before
        FROM feed_arrivals a LEFT JOIN catalog_product p ON p.sku = a.sku AND p.deleted_at IS NULL
    ) compared
"""
# Which of them is meant nobody can tell, so none of them is taken.
DUPLICATES: Final = """
    UPDATE catalog_importrow r SET kind = 'REJECTED', before = NULL,
           errors = 'the same sku is in line ' || CASE WHEN r.line = twice.first THEN twice.last ELSE twice.first END
    FROM (
        SELECT sku, min(line) AS first, max(line) AS last FROM catalog_importrow
        WHERE imported_id = %s AND kind <> 'REJECTED' GROUP BY sku HAVING count(*) > 1
    ) twice
    WHERE r.imported_id = %s AND r.sku = twice.sku AND r.kind <> 'REJECTED'
"""
COUNTS: Final = "SELECT kind, count(*) FROM catalog_importrow WHERE imported_id = %s GROUP BY kind"


def stage_chunk(imported: ProductImport) -> bool:
    """Stage the next rows of the locked import and move its position; whether there may be more.

    Raises ``BadFile``: then the file is of no use as a whole.
    """
    layout = Layout.of(imported.layout)
    with default_storage.open(f"uploads/{imported.upload}") as file:
        rows = list(islice(rows_of(file, layout, imported.offset, imported.line), CHUNK))
    if not rows and not imported.rows:
        raise BadFile("The file has a first line and no rows.")
    if not rows:
        return False
    if imported.rows + len(rows) > settings.IMPORT_MAX_ROWS:
        raise BadFile(f"The file has more than {settings.IMPORT_MAX_ROWS:,} rows. Split it.")
    _copy(understood(layout, rows))
    run(COMPARE, [imported.pk])
    imported.rows += len(rows)
    imported.offset, imported.line = rows[-1].offset, rows[-1].next_line
    return len(rows) == CHUNK


def understood(layout: Layout, rows: list[Row]) -> Iterator[Staged]:
    """The rows as they are staged."""
    return (understand(layout, row.line, row.cells) for row in rows)


def count_up(imported: ProductImport) -> None:
    """Reject what is in the file more than once, and count what there is of each kind."""
    run("ANALYZE catalog_importrow")  # so many rows at once: without it the join may be planned for a handful
    run(DUPLICATES, [imported.pk, imported.pk])
    counts = dict(fetch_rows(COUNTS, [imported.pk]))
    imported.new, imported.changed = counts.get("NEW", 0), counts.get("CHANGED", 0)
    imported.unchanged, imported.rejected = counts.get("UNCHANGED", 0), counts.get("REJECTED", 0)


def _copy(staged: Iterator[Staged]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ARRIVALS)
        cursor.execute("DELETE FROM feed_arrivals")  # of another chunk in the same transaction
        with cursor.copy(COPY) as copy:
            for row in staged:
                copy.write_row(row)
        cursor.execute("ANALYZE feed_arrivals")
