"""Lists that stay quick on tables of any size: nothing counts further than an operator would ever page."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.admin.views.main import PAGE_VAR
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

MOST_COUNTED = 10_000
OWN_PARAMETERS = ("tab", "cause")


def capped_count(rows: QuerySet[Any], most: int = MOST_COUNTED) -> int:
    """How many rows there are, but never more than ``most + 1``, which means "more than that"."""
    return rows.order_by().values("pk")[: most + 1].count()


class CappedPaginator(Paginator):
    """Counts to ``MOST_COUNTED`` and no further; what lies behind is reached by search and filters."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        assert isinstance(rows, QuerySet)
        return min(capped_count(rows), MOST_COUNTED)

    def page(self, number: Any) -> Page:
        """A page further back is found by its keys first: what is passed over on the way there is neither read nor joined."""
        found: Page = super().page(number)
        rows = self.object_list
        if found.number > 1 and isinstance(rows, QuerySet) and not rows.query.combinator:
            begin = (found.number - 1) * self.per_page
            keys = list(rows.values_list("pk", flat=True)[begin : begin + len(found)])
            found.object_list = rows.filter(pk__in=keys)
        return found


class OpsChangeList(ChangeList):
    """A changelist whose tab and cause come from the address, and whose page is prepared in one go."""

    result_list: Any

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        found: dict[str, Any] = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in OWN_PARAMETERS}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return self.model_admin.narrowed(request, rows)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count  # a list says how long it is, not how long another would be
        rows: list[Any] = list(self.result_list)
        self.result_list = rows
        self.model_admin.prepare(request, rows)

    def tab_address(self, name: str) -> str:
        """The address of another tab of this list: same search, first page, no cause."""
        return str(self.get_query_string({"tab": name}, [PAGE_VAR, "cause"]))
