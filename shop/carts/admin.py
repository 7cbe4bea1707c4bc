"""Carts: what is in them, and what became of them. Customers fill them; operators only look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from shop.carts.models import Cart, CartItem
from shop.carts.states import CartState
from shop.console.base import OpsModelAdmin, Tab
from shop.console.directory import Kind, find, link_to, names_of, register
from shop.console.formats import moment, money
from shop.console.sections import Facts, Table, Timeline
from shop.console.terms import Term
from shop.console.timeline import entries_about


@admin.register(Cart)
class CartAdmin(OpsModelAdmin):
    """Default: all, the newest first."""

    intro = "Open while it is filled, frozen with its prices once it is checked out."
    empty = ("No carts here", "Carts appear as soon as somebody shops.")
    tones = {"OPEN": "busy", "CHECKED_OUT": "good", "ABANDONED": "plain"}
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("open", "Open", lambda rows: rows.filter(status=CartState.OPEN)),
        Tab("out", "Checked out", lambda rows: rows.filter(status=CartState.CHECKED_OUT)),
        Tab("abandoned", "Abandoned", lambda rows: rows.filter(status=CartState.ABANDONED)),
    )
    list_display = ("name_", "state_", "customer", "items_", "amount", "touched")
    list_display_links = ("name_",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Cart, customer or checkout id, or e-mail"

    @display(description="Cart")
    def name_(self, row: Cart) -> str:
        return f"…{str(row.pk)[-12:]}"

    @display(description="State")
    def state_(self, row: Cart) -> Any:
        return self.state_of(row)

    @display(description="Customer")
    def customer(self, row: Any) -> Any:
        return link_to("customer", row.customer_id, row.customer_name)

    @display(description="Items")
    def items_(self, row: Any) -> int:
        return sum(item.quantity for item in row.its_items)

    @display(description="Total")
    def amount(self, row: Cart) -> str:
        return money(None if row.subtotal is None else row.subtotal - (row.discount or 0), row.currency)

    @display(description="Last touched")
    def touched(self, row: Cart) -> Any:
        return moment(row.last_touched_at)

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        items: dict[UUID, list[CartItem]] = defaultdict(list)
        for item in CartItem.objects.filter(cart_id__in=[row.pk for row in rows]).order_by("id"):
            items[item.cart_id].append(item)
        names = names_of("customer", {row.customer_id for row in rows})
        for row in rows:
            row.its_items, row.customer_name = items[row.pk], names.get(row.customer_id)

    def search(self, rows: QuerySet[Cart], term: Term) -> QuerySet[Cart]:
        if term.uuid:
            return rows.filter(Q(pk=term.uuid) | Q(checkout_session_id=term.uuid) | Q(customer_id=term.uuid))
        return rows.filter(customer_id__in=find("customer", term.text))

    def label_of(self, row: Cart) -> str:
        return f"Cart …{str(row.pk)[-12:]}"

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Any]:
        facts = (
            ("Customer", link_to("customer", row.customer_id, row.customer_name)),
            ("Checkout", link_to("checkout", row.checkout_session_id)),
            ("Subtotal", money(row.subtotal, row.currency)),
            ("Discount", money(row.discount, row.currency)),
            ("Promotions", ", ".join(row.applied_promotions)),
            ("Made", moment(row.created_at, full=True)),
            ("Last touched", moment(row.last_touched_at, full=True)),
            ("Checked out", moment(row.checked_out_at, full=True)),
        )
        names = names_of("product", {item.product_id for item in row.its_items})
        lines = [
            (
                item.quantity,
                link_to("product", item.product_id, item.name or names.get(item.product_id)),
                item.sku or "—",
                money(item.unit_price, row.currency),
            )
            for item in row.its_items
        ]
        return (
            Facts("Cart", facts),
            Table("Items", ("Quantity", "Product", "SKU", "Unit price at checkout"), lines, empty="It is empty."),
            Timeline("Timeline", entries_about(str(row.pk))),
        )


register(Kind("cart", "shop_cart", "shop.view_cart"))
