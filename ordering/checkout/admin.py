"""Checkouts: what each waits for, why some stand still, and what may be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from ordering.checkout.models import CheckoutSession
from ordering.checkout.saga import Checkout
from ordering.checkout.states import CheckoutState
from ordering.checkout.story import sections_of
from ordering.orders.models import Order
from shop.console.base import Tab
from shop.console.directory import Kind, find, link_to, names_of, register
from shop.console.formats import money
from shop.console.sagas.screen import SagaAdmin, in_state, open_tab
from shop.console.sagas.verbs import saga_verbs
from shop.console.terms import Term

AFTER_PAYMENT = (CheckoutState.CREATING_ORDER, CheckoutState.NEEDS_ATTENTION)


def paid_without_order(rows: QuerySet[CheckoutSession]) -> QuerySet[CheckoutSession]:
    """The money is held, and the order is not there."""
    authorised = rows.filter(state__in=AFTER_PAYMENT, facts__has_key="payment_authorization_id")
    return authorised.exclude(Exists(Order.objects.filter(pk=OuterRef("order_id"))))


@admin.register(CheckoutSession)
class CheckoutSessionAdmin(SagaAdmin):
    """Default: what is not over yet, so that an empty list means a quiet night."""

    saga, states = Checkout, CheckoutState
    intro = "One cart on its way to an order. Each says in one sentence what it waits for and what you can do."
    empty = ("No checkout is open", "Every checkout has ended. Choose “All” to see the past ones.")
    verbs = saga_verbs(
        Checkout,
        CheckoutState,
        turning_back="Turns back: releases the stock, voids the authorisation, and then aborts. No order will exist.",
    )
    tabs = (
        open_tab(CheckoutState),
        Tab("attention", "Needs attention", in_state(CheckoutState.NEEDS_ATTENTION)),
        Tab("paid", "Paid, no order", paid_without_order),
        Tab("back", "Turning back", in_state(CheckoutState.COMPENSATING)),
        Tab("completed", "Completed", in_state(CheckoutState.COMPLETED)),
        Tab("aborted", "Aborted", in_state(CheckoutState.ABORTED)),
        Tab("all", "All", lambda rows: rows),
    )
    list_display = ("name_", "state_", "step_", "age", "amount", "customer", "sentence")
    list_display_links = ("name_",)
    search_help_text = "Session, cart, order, payment or reservation id, or e-mail"

    @display(description="Checkout")
    def name_(self, row: CheckoutSession) -> str:
        return f"…{str(row.pk)[-12:]}"

    @display(description="Total")
    def amount(self, row: CheckoutSession) -> str:
        return money(row.total, row.currency)

    @display(description="Customer")
    def customer(self, row: Any) -> Any:
        return link_to("customer", row.customer_id, row.customer_name)

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        super().prepare(request, rows)
        names = names_of("customer", {row.customer_id for row in rows})
        for row in rows:
            row.customer_name = names.get(row.customer_id)

    def search(self, rows: QuerySet[CheckoutSession], term: Term) -> QuerySet[CheckoutSession]:
        if term.uuid:
            one = term.uuid
            ids = Q(pk=one) | Q(cart_id=one) | Q(order_id=one) | Q(payment_id=one) | Q(reservation_id=one) | Q(customer_id=one)
            return rows.filter(ids)
        if term.confirmation:
            return rows.filter(order_id__in=find("order", term.confirmation))
        return rows.filter(customer_id__in=find("customer", term.text))

    def label_of(self, row: CheckoutSession) -> str:
        return f"Checkout …{str(row.pk)[-12:]} over {money(row.total, row.currency)}"

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Any]:
        return sections_of(row, row.customer_name)


def checkout_names(ids: Any) -> Mapping[UUID, str]:
    """Checkouts are called by the end of their id."""
    return {one: f"…{str(one)[-12:]}" for one in ids}


register(Kind("checkout", "ordering_checkoutsession", "ordering.view_checkoutsession", checkout_names))
