"""The index as operators see it: documents, why one ranks where it does, and generations with their progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.decorators import display

from catalog.search.explaining import Explanation, explain_rank
from catalog.search.lag import oldest_unheard, waiting
from catalog.search.models import SearchDocument, SearchGeneration
from catalog.search.states import DocumentState, GenerationState
from catalog.search.verbs import DOCUMENT_VERBS, GENERATION_VERBS
from shop.console.base import OpsModelAdmin, Tab
from shop.console.directory import link_to
from shop.console.formats import moment, money, span
from shop.console.sections import Document, Facts, Said
from shop.console.terms import Term

LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True)
class Why:
    """A field for a query, and why this document is or is not found for it."""

    query: str
    told: Explanation | None
    template: str = "search/why.html"


@admin.register(SearchDocument)
class SearchDocumentAdmin(OpsModelAdmin):
    """What searching knows of each product. Nothing is edited here; a product is indexed again or not at all."""

    intro = "What searching knows of each product, a moment behind the catalogue. Open one to see why it ranks where it does."
    empty = ("Nothing is indexed", "Add a product, or rebuild the index under “Search indexes”.")
    verbs = DOCUMENT_VERBS
    tones = {"DRAFT": "plain", "ACTIVE": "good", "ARCHIVED": "warn", "DELETED": "bad"}
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("draft", "Drafts", lambda rows: rows.filter(status=DocumentState.DRAFT)),
        Tab("archived", "Archived", lambda rows: rows.filter(status=DocumentState.ARCHIVED)),
        Tab("deleted", "Deleted", lambda rows: rows.filter(status=DocumentState.DELETED)),
    )
    list_display = ("sku_", "name", "state_", "price_", "category", "rated", "messages_in_it", "indexed")
    list_display_links = ("sku_", "name")
    ordering = ("-product_id",)
    search_fields = ("product_id",)
    search_help_text = "SKU or product id"

    @display(description="SKU")
    def sku_(self, row: SearchDocument) -> str:
        return row.sku

    @display(description="Messages in it")
    def messages_in_it(self, row: SearchDocument) -> int:
        return row.sequence

    @display(description="State")
    def state_(self, row: SearchDocument) -> Any:
        return self.state_of(row)

    @display(description="Price")
    def price_(self, row: SearchDocument) -> str:
        return money(row.price, row.currency)

    @display(description="Rating")
    def rated(self, row: SearchDocument) -> str:
        return f"{row.rating:.1f} of 5 ({row.reviews:,})" if row.reviews else "—"

    @display(description="Indexed")
    def indexed(self, row: SearchDocument) -> Any:
        return moment(row.indexed_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SearchDocument]:
        rows: QuerySet[SearchDocument] = super().get_queryset(request)
        return rows.defer("head", "words", "description")

    def search(self, rows: QuerySet[SearchDocument], term: Term) -> QuerySet[SearchDocument]:
        return rows.filter(pk=term.uuid) if term.uuid else rows.filter(sku=term.text)

    def label_of(self, row: SearchDocument) -> str:
        return row.name

    def subtitle_of(self, row: SearchDocument) -> str:
        return f"SKU {row.sku}, product {row.pk}"

    def sections(self, request: HttpRequest, row: SearchDocument) -> Sequence[Any]:
        query = request.GET.get("query", "").replace("\x00", "")[:LONGEST_QUERY]
        facts = (
            ("Product", link_to("product", row.pk, "catalogue entry")),
            ("Price", money(row.price, row.currency)),
            ("Category", row.category),
            ("Rating", self.rated(row)),
            ("Messages in it", row.sequence),
            ("Changed", moment(row.changed_at, full=True)),
            ("Indexed", moment(row.indexed_at, full=True)),
        )
        why = Why(query, explain_rank(row.pk, query) if query.strip() else None)
        return (why, Facts("Document", facts), Document("Words it is found by", str(row.words), open=False))


@admin.register(SearchGeneration)
class SearchGenerationAdmin(OpsModelAdmin):
    """One index answers; another may be being built."""

    intro = "One index answers. A rebuild fills another one beside it and switches over when it is complete."
    empty = ("Nothing is indexed yet", "The first product makes the first index.")
    verbs = GENERATION_VERBS
    tones = {"BUILDING": "busy", "LIVE": "good", "RETIRED": "plain", "ABANDONED": "warn", "CLEARED": "plain"}
    list_display = ("number", "state_", "progress", "stemming", "why", "behind_", "started", "live")
    list_display_links = ("number",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Number of the index"

    @display(description="Index")
    def number(self, row: SearchGeneration) -> str:
        return f"Index {row.pk}"

    @display(description="State")
    def state_(self, row: SearchGeneration) -> Any:
        return self.state_of(row)

    @display(description="Filled")
    def progress(self, row: SearchGeneration) -> Any:
        if row.status != GenerationState.BUILDING:
            return f"{row.filled:,}" if row.filled else "—"
        expected = max(row.expected, row.filled, 1)
        bar = '<progress max="{}" value="{}" aria-label="Filled"></progress> {} of about {}'
        return format_html(bar, expected, row.filled, f"{row.filled:,}", f"{expected:,}")

    @display(description="Words stemmed as")
    def stemming(self, row: SearchGeneration) -> str:
        return row.config

    @display(description="Behind by")
    def behind_(self, row: SearchGeneration) -> str:
        _, seconds = oldest_unheard() if row.status == GenerationState.LIVE else (None, 0.0)
        return span(seconds) if seconds else "—"

    @display(description="Reason")
    def why(self, row: SearchGeneration) -> str:
        return row.reason

    @display(description="Started")
    def started(self, row: SearchGeneration) -> Any:
        return moment(row.started_at)

    @display(description="Answers since")
    def live(self, row: SearchGeneration) -> Any:
        return moment(row.live_at)

    def sections(self, request: HttpRequest, row: SearchGeneration) -> Sequence[Any]:
        facts = (
            ("Filled", self.progress(row)),
            ("Words stemmed as", row.config),
            ("Reason", row.reason),
            ("Started by", row.started_by),
            ("Started", moment(row.started_at, full=True)),
            ("Answers since", moment(row.live_at, full=True)),
            ("Replaced or given up", moment(row.ended_at, full=True)),
        )
        said = [Said(behind())] if row.status in {GenerationState.LIVE, GenerationState.BUILDING} else []
        return (*said, Facts("Index", facts))


def behind() -> str:
    """How far the index is behind the catalogue, in one sentence."""
    since, seconds = oldest_unheard()
    if since is None:
        return "It has heard everything that was said about products."
    return f"{waiting():,} messages wait for it, the oldest for {span(seconds)}."
