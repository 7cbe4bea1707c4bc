"""The tree of categories: where products belong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.decorators import display

from catalog.categories.models import Category
from catalog.categories.verbs import VERBS
from shop.console.base import OpsModelAdmin, Tab
from shop.console.directory import link_to
from shop.console.formats import code, link, moment, money
from shop.console.sections import Facts, Table
from shop.console.terms import Term
from shop.messaging.sets import fetch_rows

SHOWN = 25
PRODUCTS = """
    SELECT id, sku, name, price, currency, status FROM catalog_product
    WHERE category = %s AND deleted_at IS NULL ORDER BY id DESC LIMIT %s
"""


@admin.register(Category)
class CategoryAdmin(OpsModelAdmin):
    """The whole tree, in its order."""

    intro = "A category is known by its name; the tree says where the name belongs. New ones that products bring are at the top."
    empty = ("No categories yet", "Products bring them along, or add one with the button above.")
    verbs = VERBS
    tabs = (
        Tab("tree", "Tree", lambda rows: rows),
        Tab("roots", "At the top", lambda rows: rows.filter(parent__isnull=True)),
    )
    list_display = ("name_", "path_", "added")
    list_display_links = ("name_",)
    ordering = ("path",)
    search_fields = ("name",)
    search_help_text = "Beginning of a name, or of a path"

    @display(description="Name")
    def name_(self, row: Category) -> Any:
        return format_html('<span class="oc-indent-{}">{}</span>', row.depth, row.name)

    @display(description="Path")
    def path_(self, row: Category) -> Any:
        return code(row.path)

    @display(description="Added")
    def added(self, row: Category) -> Any:
        return moment(row.created_at)

    def search(self, rows: QuerySet[Category], term: Term) -> QuerySet[Category]:
        if term.uuid:
            return rows.filter(pk=term.uuid)
        text = term.text
        return rows.filter(Q(name__startswith=text) | Q(name__startswith=text.capitalize()) | Q(path__startswith=text.lower()))

    def state_of(self, row: Category) -> Any:
        return ""

    def subtitle_of(self, row: Category) -> str:
        return row.path

    def sections(self, request: HttpRequest, row: Category) -> Sequence[Any]:
        children = Category.objects.filter(parent=row).order_by("path")[:SHOWN]
        below = [(link(self.url_of(each.pk), each.name), code(each.path)) for each in children]
        products = [
            (link_to("product", key, sku), name, money(price, currency), status.lower())
            for key, sku, name, price, currency, status in fetch_rows(PRODUCTS, [row.name, SHOWN])
        ]
        above = row.parent
        facts = (
            ("Path", code(row.path)),
            ("Below", link(self.url_of(above.pk), above.name) if above else "at the top"),
            ("Added", moment(row.created_at, full=True)),
        )
        return (
            Facts("Category", facts),
            Table("Categories below it", ("Name", "Path"), below, empty="None."),
            Table("Newest products in it", ("SKU", "Name", "Price", "State"), products, empty="No product has this category."),
        )
