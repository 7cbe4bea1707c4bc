"""Changes of orders under way: what each waits for while stock and money are asked, and what may be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from ordering.amending.models import AmendmentRun
from ordering.amending.saga import Amendment
from ordering.amending.states import AmendmentState
from ordering.amending.story import sections_of
from shop.console.base import Tab
from shop.console.directory import Kind, find, link_to, names_of, register
from shop.console.sagas.screen import SagaAdmin, in_state, open_tab
from shop.console.sagas.verbs import saga_verbs
from shop.console.terms import Term


@admin.register(AmendmentRun)
class AmendmentRunAdmin(SagaAdmin):
    """Default: what is not over yet."""

    saga, states = Amendment, AmendmentState
    intro = "A change of an order while stock and money are asked. Until both say yes, the order stays as it is."
    empty = ("No change is under way", "An order is changed on its own page, with “Amend”. Choose “All” to see past changes.")
    verbs = saga_verbs(
        Amendment,
        AmendmentState,
        turning_back="Turns back: releases what was reserved and authorised for the change. The order stays as it was.",
    )
    tabs = (
        open_tab(AmendmentState),
        Tab("attention", "Needs a person", in_state(AmendmentState.NEEDS_ATTENTION)),
        Tab("back", "Being undone", in_state(AmendmentState.COMPENSATING)),
        Tab("completed", "Changed", in_state(AmendmentState.COMPLETED)),
        Tab("aborted", "Not changed", in_state(AmendmentState.ABORTED)),
        Tab("all", "All", lambda rows: rows),
    )
    list_display = ("name_", "state_", "step_", "age", "order_", "sentence")
    list_display_links = ("name_",)
    search_help_text = "Change or order id, or confirmation number"

    @display(description="Change")
    def name_(self, row: AmendmentRun) -> str:
        return f"…{str(row.pk)[-12:]}"

    @display(description="Order")
    def order_(self, row: Any) -> Any:
        return link_to("order", row.order_id, row.order_name)

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        super().prepare(request, rows)
        names = names_of("order", {row.order_id for row in rows})
        for row in rows:
            row.order_name = names.get(row.order_id)

    def search(self, rows: QuerySet[AmendmentRun], term: Term) -> QuerySet[AmendmentRun]:
        if term.uuid:
            return rows.filter(Q(pk=term.uuid) | Q(order_id=term.uuid))
        return rows.filter(order_id__in=find("order", term.confirmation or term.text))

    def label_of(self, row: Any) -> str:
        return f"Change of {getattr(row, 'order_name', None) or f'order …{str(row.order_id)[-12:]}'}"

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Any]:
        return sections_of(row, row.order_name)


register(Kind("change", "ordering_amendmentrun", "ordering.view_amendmentrun"))
