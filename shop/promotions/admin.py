"""Promotions: what they take off, for whom, and how often they were used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from shop.console.base import OpsModelAdmin, Tab
from shop.console.directory import Kind, find, link_to, names_of, register
from shop.console.formats import badge, code, moment, money
from shop.console.sections import Facts, Table
from shop.console.terms import Term
from shop.promotions.models import Promotion, PromotionUse
from shop.promotions.states import CustomerSegment, PromotionKind, PromotionState, UseState
from shop.promotions.verbs import VERBS

MOST_USES = 50
USE_TONES = {"HELD": "busy", "KEPT": "good", "GIVEN_BACK": "plain"}


@admin.register(Promotion)
class PromotionAdmin(OpsModelAdmin):
    """Default: all, the newest first."""

    intro = "Reductions and the conditions under which a cart gets them."
    empty = ("No promotions here", "Draft one with the button above.")
    verbs = VERBS
    tones = {"DRAFT": "plain", "ACTIVE": "good", "ENDED": "plain"}
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("active", "Active", lambda rows: rows.filter(status=PromotionState.ACTIVE)),
        Tab("paused", "Paused", lambda rows: rows.filter(status=PromotionState.ACTIVE, paused=True)),
        Tab("draft", "Drafts", lambda rows: rows.filter(status=PromotionState.DRAFT)),
        Tab("ended", "Ended", lambda rows: rows.filter(status=PromotionState.ENDED)),
    )
    list_display = ("name", "state_", "code_", "off", "window", "used")
    list_display_links = ("name",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Code, its beginning, or id"

    @display(description="State")
    def state_(self, row: Promotion) -> Any:
        return badge("Paused", "warn") if row.paused and row.status == PromotionState.ACTIVE else self.state_of(row)

    @display(description="Code")
    def code_(self, row: Promotion) -> Any:
        return code(row.code) if row.code else "applies by itself"

    @display(description="Takes off")
    def off(self, row: Promotion) -> str:
        return reduction(row)

    @display(description="Ends")
    def window(self, row: Promotion) -> Any:
        return moment(row.ends_at)

    @display(description="Uses")
    def used(self, row: Promotion) -> str:
        return f"{row.uses} of {row.total_limit}" if row.total_limit else "not counted"

    def search(self, rows: QuerySet[Promotion], term: Term) -> QuerySet[Promotion]:
        return rows.filter(pk=term.uuid) if term.uuid else rows.filter(code__startswith=term.text.upper()).exclude(code="")

    def label_of(self, row: Promotion) -> str:
        return row.name

    def sections(self, request: HttpRequest, row: Promotion) -> Sequence[Any]:
        return (Facts("Promotion", _facts(row)), _uses(row))


def reduction(row: Promotion) -> str:
    """``12.5 %`` or an amount."""
    if row.kind == PromotionKind.PERCENTAGE:
        return f"{row.value / 100:g} %"
    return money(row.value, row.currency)


def taken_off(use: PromotionUse) -> str:
    """What this use took off. Uses from before it was kept have the currency of their promotion, if that has one."""
    currency = use.currency or use.promotion.currency
    return money(use.amount, currency) if currency else f"{use.amount} minor units"


def segment_name(segment: str) -> str:
    """Who is meant."""
    return dict(CustomerSegment.choices).get(segment, f"Segment {segment}") if segment else "everybody"


def _facts(row: Promotion) -> Sequence[tuple[str, Any]]:
    return (
        ("Takes off", reduction(row)),
        ("Code", code(row.code) if row.code else "applies by itself"),
        ("Minimum spend", money(row.minimum_spend, row.currency) if row.minimum_spend else "none"),
        ("For", segment_name(row.customer_segment)),
        ("Category", row.category or "everything"),
        ("Starts", moment(row.starts_at, full=True)),
        ("Ends", moment(row.ends_at, full=True)),
        ("Limit", f"{row.total_limit or 'none'}, per customer {row.per_customer_limit or 'none'}"),
        ("Uses held or kept", f"{row.uses}" if row.total_limit else "not counted"),
        ("Paused", "yes" if row.paused else "no"),
        ("When its order is cancelled", "the use is given back" if row.returns_when_cancelled else "the use counts"),
        ("With others", "yes" if row.stackable else "no"),
        ("Priority", f"{row.priority}"),
    )


def _uses(row: Promotion) -> Table:
    uses = list(row.promotion_uses.order_by("-id")[:MOST_USES])
    names = names_of("customer", {use.customer_id for use in uses})
    rows = [
        (
            link_to("checkout", use.checkout_session_id),
            link_to("customer", use.customer_id, names.get(use.customer_id)),
            link_to("order", use.order_id),
            badge(use.get_status_display(), USE_TONES[str(use.status)]),
            taken_off(use),
            moment(use.held_at),
        )
        for use in uses
    ]
    return Table("Latest uses", ("Checkout", "Customer", "Order", "State", "Took off", "Held"), rows, empty="Nobody has used it.")


@admin.register(PromotionUse)
class PromotionUseAdmin(OpsModelAdmin):
    """Default: all, the newest first."""

    intro = "Who used which promotion, when, and in which order. A held use waits for the end of its checkout."
    empty = ("No uses here", "A use appears when a checkout gets a promotion.")
    tones = USE_TONES
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("held", "Held", lambda rows: rows.filter(status=UseState.HELD)),
        Tab("kept", "Kept", lambda rows: rows.filter(status=UseState.KEPT)),
        Tab("back", "Given back", lambda rows: rows.filter(status=UseState.GIVEN_BACK)),
    )
    list_display = ("promotion_", "state_", "customer", "checkout", "order", "amount_", "held")
    list_display_links = ("promotion_",)
    list_select_related = ("promotion",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Promotion code or id, customer, checkout or order id, or e-mail"

    @display(description="Promotion")
    def promotion_(self, row: PromotionUse) -> str:
        return row.promotion.label

    @display(description="State")
    def state_(self, row: PromotionUse) -> Any:
        return self.state_of(row)

    @display(description="Customer")
    def customer(self, row: Any) -> Any:
        return link_to("customer", row.customer_id, row.customer_name)

    @display(description="Checkout")
    def checkout(self, row: PromotionUse) -> Any:
        return link_to("checkout", row.checkout_session_id)

    @display(description="Order")
    def order(self, row: PromotionUse) -> Any:
        return link_to("order", row.order_id)

    @display(description="Took off")
    def amount_(self, row: PromotionUse) -> str:
        return taken_off(row)

    @display(description="Held")
    def held(self, row: PromotionUse) -> Any:
        return moment(row.held_at)

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        names = names_of("customer", {row.customer_id for row in rows})
        for row in rows:
            row.customer_name = names.get(row.customer_id)

    def search(self, rows: QuerySet[PromotionUse], term: Term) -> QuerySet[PromotionUse]:
        called_so = Promotion.objects.filter(pk=term.uuid) if term.uuid else Promotion.objects.filter(code=term.text.upper())
        if found := list(called_so.values_list("pk", flat=True)):  # known first, so that an index has their newest uses
            return rows.filter(promotion__in=found)
        if term.uuid:
            by = Q(customer_id=term.uuid) | Q(checkout_session_id=term.uuid) | Q(order_id=term.uuid)
            return rows.filter(by | Q(pk=term.uuid))
        return rows.filter(customer_id__in=find("customer", term.text))

    def label_of(self, row: PromotionUse) -> str:
        return f"Use of {row.promotion.label}"

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Any]:
        facts = (
            ("Promotion", link_to("promotion", row.promotion_id, row.promotion.label)),
            ("Customer", link_to("customer", row.customer_id, row.customer_name)),
            ("Cart", link_to("cart", row.cart_id)),
            ("Checkout", link_to("checkout", row.checkout_session_id)),
            ("Order", link_to("order", row.order_id)),
            ("Took off", self.amount_(row)),
            ("Held", moment(row.held_at, full=True)),
            ("Settled", moment(row.settled_at, full=True)),
        )
        return (Facts("Use", facts),)


register(Kind("promotion", "shop_promotion", "shop.view_promotion"))
