"""The rows of an import as its page shows them: one kind at a time, a page at a time, before beside after."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.utils.http import urlencode

from catalog.feeds.models import ImportRow, ProductImport
from catalog.feeds.states import RowKind
from shop.console.formats import money
from shop.console.sections import PagedTable
from shop.messaging.sets import select

PER_PAGE: Final = 50
ROWS: Final = "WHERE imported_id = %s AND kind = %s AND line > %s ORDER BY line LIMIT %s"
MOST_DIGITS: Final = 9
LONGEST: Final = 120


def preview(request: HttpRequest, row: ProductImport, address: str, errors: str) -> PagedTable:
    """The rows of the kind in the address, or of the first kind there are any of."""
    counts = _counts(row)
    kind = request.GET.get("kind", "")
    if kind not in counts:
        kind = next((name for name, count in counts.items() if count), RowKind.CHANGED.value)
    after = _line(request.GET.get("after", ""))
    found = select(ImportRow, ROWS, [row.pk, kind, after, PER_PAGE + 1])
    shown = found[:PER_PAGE]
    following = f"{_address(address, kind, shown[-1].line)}#rows" if len(found) > PER_PAGE else ""
    return PagedTable(
        title="Row by row",
        headings=("Line", "SKU", "Name", _heading(kind)),
        rows=[(each.line, each.sku, each.name, _told(each)) for each in shown],
        views=[
            (f"{RowKind(name).label} ({count:,})", f"{_address(address, name)}#rows", name == kind)
            for name, count in counts.items()
        ],
        links=[("Download what was rejected or skipped", errors)] if row.rejected or row.skipped else [],
        first=f"{_address(address, kind)}#rows" if after else "",
        following=following,
        empty="The rows of this import are not kept any more." if row.rows_pruned else "No row is of this kind.",
    )


def _counts(row: ProductImport) -> dict[str, int]:
    """In the order in which one looks. What was skipped was new or changed before."""
    return {"CHANGED": row.changed, "NEW": row.new, "REJECTED": row.rejected, "SKIPPED": row.skipped, "UNCHANGED": row.unchanged}


def _heading(kind: str) -> str:
    return {"CHANGED": "Before → after", "REJECTED": "Reason", "SKIPPED": "Reason"}.get(kind, "Product")


def _told(row: ImportRow) -> str:
    if row.errors:
        return row.errors
    if not row.before:
        facts = (money(row.price, row.currency), row.category, row.status.lower())
        return ", ".join(fact for fact in facts if fact)
    currency = row.before.get("currency", row.currency)
    return "; ".join(
        f"{name}: {_shown(name, was, currency)} → {_shown(name, getattr(row, name), row.currency)}"
        for name, was in row.before.items()
    )


def _shown(name: str, value: Any, currency: str) -> str:
    if name == "price":
        return money(value, currency)
    text = str(value) or "—"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _line(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0


def _address(address: str, kind: str, after: int = 0) -> str:
    given: dict[str, str | int] = {"kind": kind} | ({"after": after} if after else {})
    return f"{address}?{urlencode(given)}"
