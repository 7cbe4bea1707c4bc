"""What is told about imports: how they stand, and every row with its difference."""

from __future__ import annotations

from typing import Final

from catalog.feeds.models import ImportRow, ProductImport
from catalog.feeds.states import ImportState
from shop.contracts.feeds import (
    GetProductImport,
    GetProductImportRows,
    ImportedFields,
    ImportRowPage,
    ImportRowView,
    ImportView,
)
from shop.messaging.errors import Missing
from shop.messaging.sets import select

ROWS: Final = "WHERE imported_id = %s AND line > %s ORDER BY line LIMIT %s"
ROWS_OF_KIND: Final = "WHERE imported_id = %s AND kind = %s AND line > %s ORDER BY line LIMIT %s"


def no_such_import() -> Missing:
    """The answer for an import that is not there."""
    return Missing("import_not_found", "There is no such import.")


def get_product_import(query: GetProductImport) -> ImportView:
    """One import. Raises ``Missing``."""
    found = ProductImport.objects.filter(pk=query.import_id).first()
    if found is None:
        raise no_such_import()
    return view_of(found)


def get_product_import_rows(query: GetProductImportRows) -> ImportRowPage:
    """The rows after a line, at most ``limit``. Raises ``Missing`` for an unknown import."""
    if not ProductImport.objects.filter(pk=query.import_id).exists():
        raise no_such_import()
    if query.of_kind:
        rows = select(ImportRow, ROWS_OF_KIND, [query.import_id, query.of_kind, query.after_line, query.limit])
    else:
        rows = select(ImportRow, ROWS, [query.import_id, query.after_line, query.limit])
    return ImportRowPage(rows=[_row(row) for row in rows])


def view_of(imported: ProductImport) -> ImportView:
    """The import as published."""
    return ImportView(
        import_id=imported.pk,
        file_name=imported.file_name,
        status=str(imported.status),  # type: ignore[arg-type]  # the published statuses are the states
        progress=progress_of(imported),
        rows=imported.rows,
        new=imported.new,
        changed=imported.changed,
        unchanged=imported.unchanged,
        rejected=imported.rejected,
        applied=imported.applied,
        skipped=imported.skipped,
        reason=imported.reason or None,
        created_at=imported.created_at,
        finished_at=imported.finished_at,
    )


def progress_of(imported: ProductImport) -> int:
    """How far the step it is in has come, in percent: of the bytes while reading, of the differences while applying."""
    if imported.status == ImportState.STAGING:
        return min(99, imported.offset * 100 // max(1, imported.size))
    if imported.status == ImportState.APPLYING:
        return min(99, (imported.applied + imported.skipped) * 100 // max(1, imported.new + imported.changed))
    return 100


def _row(row: ImportRow) -> ImportRowView:
    values = ImportedFields(
        name=row.name or None,
        description=row.description or None,
        price=row.price,
        currency=row.currency or None,
        category=row.category or None,
        status=row.status or None,
    )
    before = ImportedFields.model_validate(row.before) if row.before else None
    return ImportRowView(
        line=row.line,
        kind=row.kind,  # type: ignore[arg-type]  # the published kinds are the kinds there are
        sku=row.sku,
        values=values,
        before=before,
        errors=row.errors or None,
    )
