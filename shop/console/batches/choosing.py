"""Which rows an operator means: those he ticked, everything with one cause, or everything that his list holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ALL_VAR, ORDER_VAR, PAGE_VAR
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, QueryDict

from shop.console.batches.states import Selection
from shop.console.keys import clean_keys, versions

if TYPE_CHECKING:
    from shop.console.base import OpsModelAdmin

CAUSE: Final = "cause"
LIST: Final = "matching"  # the list's own address, as one parameter
NOT_OF_A_LIST: Final = (PAGE_VAR, ALL_VAR, ORDER_VAR)  # how it is shown; what it holds does not depend on it
LONGEST_QUERY: Final = 2_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows, and how they were chosen. ``seen`` are the versions a form showed, for rows that were ticked."""

    selection: Selection
    query: str
    rows: QuerySet[Any]
    seen: Mapping[str, str] = field(default_factory=dict)

    def versions(self, most: int) -> Iterator[tuple[str, str]]:
        """Key and version of each row in the order of the keys, at most ``most``."""
        for key, version in versions(self.rows, most):
            yield key, self.seen.get(key, version)

    def carried(self) -> list[tuple[str, str]]:
        """What the form carries from the preview to the deed, besides the versions of ticked rows."""
        names = {Selection.CAUSE: CAUSE, Selection.LIST: LIST}
        return [(names[self.selection], self.query)] if self.selection in names else []

    def remembered(self) -> str:
        """The query as a batch keeps it: a search for an e-mail address is not kept."""
        if self.selection != Selection.LIST:
            return self.query
        kept = QueryDict(self.query, mutable=True)
        if "@" in kept.get("q", ""):
            kept["q"] = "…"
        return kept.urlencode()


def chosen(request: HttpRequest, admin: OpsModelAdmin, asked: QueryDict) -> Chosen | None:
    """The cause or the list that ``asked`` names. Raises ``Http404`` for a list that cannot be read."""
    if query := asked.get(LIST, "").replace("\x00", "")[:LONGEST_QUERY]:
        return Chosen(Selection.LIST, query, _listed(request, admin, query))
    if cause := asked.get(CAUSE, "").replace("\x00", "")[:LONGEST_QUERY]:
        return Chosen(Selection.CAUSE, cause, admin.of_cause(request, cause))
    return None


def ticked(request: HttpRequest, admin: OpsModelAdmin, keys: Sequence[str], seen: Mapping[str, str] | None = None) -> Chosen:
    """These rows, as far as they are there."""
    rows = admin.get_queryset(request).filter(pk__in=clean_keys(admin, keys))
    return Chosen(Selection.ROWS, "", rows, seen or {})


def address_of(query: str) -> str:
    """What of a list's address says what it holds."""
    kept = QueryDict(query, mutable=True)
    for name in NOT_OF_A_LIST:
        kept.pop(name, None)
    return kept.urlencode() or "tab="


def _listed(request: HttpRequest, admin: OpsModelAdmin, query: str) -> QuerySet[Any]:
    """What the list with this address holds, read by the list itself: tab, search, filters, cause."""
    asked = copy(request)
    asked.method, asked.GET = "GET", QueryDict(address_of(query))
    try:
        changelist = admin.get_changelist_instance(asked)
    except IncorrectLookupParameters:
        raise Http404("There is no such list.") from None
    rows: QuerySet[Any] = changelist.queryset
    return rows
