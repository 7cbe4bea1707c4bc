"""The rows of a batch as its page shows them: what needs a look first, a page at a time, each with the way to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest
from django.utils.http import urlencode

from shop.console.batches.models import Batch, BatchRow
from shop.console.batches.states import Outcome
from shop.console.formats import badge, code, link
from shop.console.keys import clean
from shop.console.sections import PagedTable
from shop.messaging.sets import select

if TYPE_CHECKING:
    from shop.console.base import OpsModelAdmin

PER_PAGE: Final = 50
MOST_DIGITS: Final = 9
ROWS: Final = "WHERE batch_id = %s AND outcome = %s AND position > %s ORDER BY position LIMIT %s"
TONES: Final = {Outcome.REFUSED: "warn", Outcome.FAILED: "bad", Outcome.DONE: "good", Outcome.WAITING: "plain"}


def results(request: HttpRequest, batch: Batch, screen: OpsModelAdmin | None, address: str) -> PagedTable:
    """The rows with the outcome in the address, or with the first of those that there is any of."""
    counts = {
        Outcome.REFUSED: batch.refused,
        Outcome.FAILED: batch.failed,
        Outcome.DONE: batch.done,
        Outcome.WAITING: batch.waiting,
    }
    wanted = request.GET.get("outcome", "")
    first = next((outcome for outcome, count in counts.items() if count), Outcome.DONE)
    shown = Outcome(wanted) if wanted in Outcome.values else first
    after = _position(request.GET.get("after", ""))
    found = select(BatchRow, ROWS, [batch.pk, shown.value, after, PER_PAGE + 1])
    page = found[:PER_PAGE]
    names = _names(request, screen, page)
    following = f"{_address(address, shown, page[-1].position)}#rows" if len(found) > PER_PAGE else ""
    return PagedTable(
        title="Row by row",
        headings=("Row", "Result", "What happened"),
        rows=[(names.get(row.key, code(row.key)), badge(shown.label, TONES[shown]), row.sentence or "—") for row in page],
        views=[
            (f"{outcome.label} ({count:,})", f"{_address(address, outcome)}#rows", outcome == shown)
            for outcome, count in counts.items()
        ],
        first=f"{_address(address, shown)}#rows" if after else "",
        following=following,
        empty="No row is of this kind.",
    )


def _names(request: HttpRequest, screen: OpsModelAdmin | None, rows: Sequence[BatchRow]) -> dict[str, Any]:
    """What the rows are called now, as links; those that are gone, or that this person may not see, keep their key."""
    if screen is None or not screen.has_view_permission(request):
        return {}
    there = list(screen.get_queryset(request).filter(pk__in=clean(screen.model, [row.key for row in rows])))
    screen.prepare(request, there)
    return {str(row.pk): link(screen.url_of(row.pk), screen.label_of(row)) for row in there}


def _position(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0


def _address(address: str, outcome: Outcome, after: int = 0) -> str:
    given: dict[str, str | int] = {"outcome": outcome.value} | ({"after": after} if after else {})
    return f"{address}?{urlencode(given)}"
