"""The parts of a product's page: its variants, its pictures, and what the rules made of its texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.html import format_html

from catalog.images.queries import images_of
from catalog.products.models import Product, ProductEnrichment, ProductVariant
from catalog.products.queries import variants_of
from shop.console.directory import link_to
from shop.console.formats import badge, money
from shop.console.sections import Table

TONES = {"DRAFT": "plain", "ACTIVE": "good", "ARCHIVED": "warn", "PROCESSING": "busy", "READY": "good", "REJECTED": "bad"}


def parts_of(row: Product, variant: ProductVariant | None) -> Iterator[Table]:
    """The tables of the page; a variant has no variants."""
    if variant is None:
        yield _variants(row)
    yield _images(row)
    yield _enrichment(row)


def options_in_words(pairs: Any) -> str:
    """``colour sage, size XL``"""
    return ", ".join(f"{name} {value}" for name, value in pairs)


def _variants(row: Product) -> Table:
    rows = [
        (
            link_to("product", each.product_id, each.sku),
            options_in_words((option.name, option.value) for option in each.options),
            money(each.price, each.currency),
            _following(each.price_difference, each.currency),
            badge(each.status.capitalize(), TONES[each.status]),
        )
        for each in variants_of(row.pk)
    ]
    return Table(
        "Variants", ("SKU", "Options", "Price", "Follows", "State"), rows, empty="None. Each would be a product of its own."
    )


def _following(difference: int | None, currency: str) -> str:
    if difference is None:
        return "its own price"
    return f"this price {'+' if difference >= 0 else '−'} {money(abs(difference), currency)}"  # noqa: RUF001 - a minus sign


def _images(row: Product) -> Table:
    rows = [
        (
            format_html('<img class="oc-thumb" src="{}" alt="{}">', each.thumbnail_url, each.alternative_text or row.name)
            if each.thumbnail_url
            else "—",
            badge(each.status.capitalize(), TONES[each.status]),
            f"{each.width} by {each.height}" if each.width else "—",
            each.alternative_text or "—",
            each.reason or "",
        )
        for each in images_of(row.pk)
    ]
    return Table("Pictures", ("", "State", "Pixels", "Describes", ""), rows, empty="None yet.")


def _enrichment(row: Product) -> Table:
    found = ProductEnrichment.objects.filter(pk=row.pk).first()
    rows = [("slug", found.slug, "name and end of the id", row.name)] if found else []
    if found:
        values = dict(found.attributes)
        rows += [
            (field, values.get(field, ", ".join(found.keywords)), rule, words)
            for field, rule, words in found.why
            if field != "slug"
        ]
    note = "" if row.enriched else "Its texts have changed; the rules look at them within a minute."
    return Table("What the rules found", ("What", "Value", "Rule", "From"), rows, empty="Nothing yet.", note=note)
