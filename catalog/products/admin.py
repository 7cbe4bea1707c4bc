"""Products: what is sold, at which price, and since when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from unfold.decorators import display

from catalog.products.belongings import BELONGINGS
from catalog.products.models import Product, ProductVariant
from catalog.products.parts import options_in_words, parts_of
from catalog.products.states import ProductState
from catalog.products.verbs import VERBS
from shop.console.base import OpsModelAdmin, Tab
from shop.console.directory import Kind, link_to, register
from shop.console.formats import badge, moment, money
from shop.console.sections import Facts, Said, Timeline
from shop.console.terms import Term
from shop.console.timeline import entries_about

MOST_FOUND = 50


def there(**which: Any) -> Any:
    """Keeps products that are not deleted."""
    return lambda rows: rows.filter(deleted_at__isnull=True, **which)


@admin.register(Product)
class ProductAdmin(OpsModelAdmin):
    """Default: everything that is not deleted."""

    intro = "What the shop sells. Only active products can be seen and bought."
    empty = ("No products here", "Add one with the button above, or load a feed.")
    verbs = (*VERBS, *BELONGINGS)
    tones = {"DRAFT": "plain", "ACTIVE": "good", "ARCHIVED": "warn"}
    tabs = (
        Tab("there", "Catalogue", there()),
        Tab("active", "Active", there(status=ProductState.ACTIVE)),
        Tab("draft", "Drafts", there(status=ProductState.DRAFT)),
        Tab("archived", "Archived", there(status=ProductState.ARCHIVED)),
        Tab("deleted", "Deleted", lambda rows: rows.filter(deleted_at__isnull=False)),
    )
    list_display = ("sku_", "name", "state_", "price_", "category", "changed")
    list_display_links = ("sku_", "name")
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "SKU, product id or beginning of the name"

    @display(description="SKU")
    def sku_(self, row: Product) -> str:
        return row.sku

    @display(description="State")
    def state_(self, row: Product) -> Any:
        return self.state_of(row)

    @display(description="Price")
    def price_(self, row: Product) -> str:
        return money(row.price, row.currency)

    @display(description="Changed")
    def changed(self, row: Product) -> Any:
        return moment(row.updated_at)

    def list_links(self) -> Sequence[tuple[str, str, str]]:
        return (("Export as CSV", "download", reverse("admin:catalog_productimport_export")),)

    def search(self, rows: QuerySet[Product], term: Term) -> QuerySet[Product]:
        return rows.filter(pk=term.uuid) if term.uuid else rows.filter(_called(term.text))

    def state_of(self, row: Product) -> Any:
        return badge("Deleted", "bad") if row.deleted_at else super().state_of(row)

    def label_of(self, row: Product) -> str:
        return row.name

    def subtitle_of(self, row: Product) -> str:
        return f"SKU {row.sku}, product {row.pk}"

    def history_of(self, row: Any) -> Sequence[str]:
        return ()

    def sections(self, request: HttpRequest, row: Product) -> Sequence[Any]:
        variant = ProductVariant.objects.filter(pk=row.pk).first()
        facts = (
            ("SKU", row.sku),
            ("Price", money(row.price, row.currency)),
            *(
                (("Variant of", link_to("product", variant.base_id)), ("Options", options_in_words(variant.options)))
                if variant
                else ()
            ),
            ("Category", row.category),
            ("Stock", link_to("stock", row.pk, "see the stock")),
            ("Added", moment(row.created_at, full=True)),
            ("Changed", moment(row.updated_at, full=True)),
            ("Deleted", moment(row.deleted_at, full=True)),
            ("Messages published", row.sequence),
        )
        told = [Said(row.description)] if row.description else []
        return (Facts("Product", facts), *told, *parts_of(row, variant), Timeline("Timeline", entries_about(str(row.pk))))


def _called(text: str) -> Q:
    return Q(sku=text, deleted_at__isnull=True) | Q(name__startswith=text) | Q(name__startswith=text.capitalize())


def product_names(ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Products are called by their name."""
    return dict(Product.objects.filter(pk__in=ids).values_list("pk", "name"))


def find_products(term: str) -> list[UUID]:
    """The product with this SKU, else those whose name begins so."""
    exact = list(Product.objects.filter(sku=term, deleted_at__isnull=True).values_list("pk", flat=True)[:1])
    return exact or list(Product.objects.filter(_called(term)).order_by("-id").values_list("pk", flat=True)[:MOST_FOUND])


register(Kind("product", "catalog_product", "catalog.view_product", product_names, find_products))
